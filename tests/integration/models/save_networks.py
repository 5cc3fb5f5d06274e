"""A worker: writes the files that tests of other source forms need, with the PyTorch of the environment."""

import sys
from pathlib import Path


def main(job):
    import torch
    from safetensors.torch import save_file

    sys.path.insert(0, str(Path(__file__).parent))
    from networks import Linear, Nested

    out = job.out
    model = Linear().eval()
    torch.jit.script(model).save(str(out / "linear.torchscript.pt"))
    batch = torch.export.Dim("batch", min=2, max=64)
    program = torch.export.export(Nested().eval(), (torch.randn(3, 4),), dynamic_shapes={"x": {0: batch}})
    torch.export.save(program, str(out / "nested.pt2"))
    weights = {name: value + 1 for name, value in model.state_dict().items()}
    save_file(weights, out / "good.safetensors")
    torch.save({"state_dict": {f"module.{name}": value for name, value in weights.items()}}, out / "parallel.pt")
    save_file(
        {"fc.weight": weights["fc.weight"][:, :2].contiguous(), "extra": weights["fc.bias"]}, out / "bad.safetensors"
    )
    torch.save(model, out / "module.pt")
    (out / "broken.pt2").write_bytes(b"not a program")
    return {}
