"""Two calls timed in turn, on a clock of the test's own."""

import numpy as np
import pytest

from onnx_convert.workers.artifact.paired import measure


class Machine:
    """A clock that moves when calls take their time; the machine slows down as time passes."""

    def __init__(self, slowdown=0.0, noise=0.0):
        self.now = 0
        self.order = []
        self._slowdown, self._noise = slowdown, noise
        self._draw = np.random.default_rng(0)

    def __call__(self):
        return self.now

    def call(self, name, milliseconds):
        def run():
            self.order.append(name)
            factor = (1 + self._slowdown * self.now / 1e9) * np.exp(self._draw.normal(0, self._noise))
            self.now += int(milliseconds * 1e6 * factor)

        return run


def test_the_ratio_is_the_first_calls_time_over_the_seconds():
    machine = Machine()
    found = measure(machine.call("a", 3), machine.call("b", 2), seconds=1, clock=machine)
    assert found.ratio == pytest.approx(1.5)
    assert found.ci == pytest.approx((1.5, 1.5))


def test_a_machine_that_slows_down_all_the_time_slows_both_alike():
    machine = Machine(slowdown=2.0)
    found = measure(machine.call("a", 2), machine.call("b", 2), seconds=2, clock=machine)
    assert found.ratio == pytest.approx(1, abs=2e-3)


def test_the_interval_holds_the_ratio_and_shrinks_with_time():
    widths = []
    for seconds in (1, 16):
        machine = Machine(noise=0.2)
        found = measure(machine.call("a", 1.2), machine.call("b", 1), seconds=seconds, clock=machine)
        assert found.ci[0] < 1.2 < found.ci[1]
        widths.append(found.ci[1] - found.ci[0])
    assert widths[1] < widths[0] / 2


def test_calls_take_turns_in_both_orders():
    machine = Machine()
    found = measure(machine.call("a", 1), machine.call("b", 1), seconds=1, clock=machine)
    blocks = "".join(machine.order[-4 * found.blocks :])
    assert {blocks[i : i + 4] for i in range(0, len(blocks), 4)} == {"abba", "baab"}


def test_slow_calls_get_ten_blocks_unless_that_takes_three_times_the_budget():
    for milliseconds, blocks in ((40, 10), (200, 4)):
        machine = Machine()
        found = measure(machine.call("a", milliseconds), machine.call("b", milliseconds), seconds=1, clock=machine)
        assert found.blocks == blocks


def test_what_a_call_raises_is_raised():
    def broken():
        raise RuntimeError("the provider is gone")

    with pytest.raises(RuntimeError, match="gone"):
        measure(broken, broken, seconds=1)
