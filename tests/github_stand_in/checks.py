"""Check runs and their annotations."""

from collections.abc import Mapping
from typing import Any

from .api import Answer, Call, RefusedError, not_found, reads, writes
from .identity import app
from .model import CheckRun, now
from .pulls import own

_MAXIMUM = 65_535
_FIELDS = ("name", "details_url", "external_id", "status", "conclusion", "started_at", "completed_at")


def check_run(call: Call, it: CheckRun) -> dict[str, Any]:
    """A `check-run`."""
    url = f"{call.repo}/check-runs/{it.id}"
    html = f"{call.origin}/{call.state.repository}/runs/{it.id}"
    return {
        "id": it.id,
        "node_id": f"CR_{it.id}",
        "head_sha": it.head_sha,
        "external_id": it.external_id or "",
        "url": url,
        "html_url": html,
        "details_url": it.details_url or html,
        "status": it.status,
        "conclusion": it.conclusion,
        "started_at": it.started_at,
        "completed_at": it.completed_at,
        "output": {
            "title": it.title,
            "summary": it.summary,
            "text": it.text,
            "annotations_count": len(it.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "name": it.name,
        "check_suite": {"id": it.app.id},
        "app": app(call, it.app),
        "pull_requests": own(call, it.head_sha),
    }


def _create(call: Call) -> Answer:
    creator = _creator(call)
    if not call.state.knows(call.body["head_sha"]):
        raise RefusedError(422, f"No commit found for SHA: {call.body['head_sha']}")
    made = CheckRun(call.state.new_id(), call.body["head_sha"], call.body["name"], creator, started_at=now())
    _apply(call, made)
    if made.status == "completed" and not made.conclusion:  # "Required if you provide [...] a `status` of `completed`."
        error = {"resource": "CheckRun", "code": "missing_field", "field": "conclusion"}
        raise RefusedError(422, "Validation Failed", [error])
    call.state.check_runs[made.id] = made
    return Answer(201, check_run(call, made), {"Location": f"{call.repo}/check-runs/{made.id}"})


def _update(call: Call) -> Answer:
    it = _find(call)
    creator = _creator(call)
    if it.app.id != creator.id:
        message = f"Invalid app_id `{creator.id}` - check run can only be modified by the GitHub App that created it."
        raise RefusedError(403, message)
    _apply(call, it)
    return Answer(200, check_run(call, it))


def _creator(call: Call) -> Any:
    if call.author.app is None:
        raise RefusedError(403, "You must authenticate via a GitHub App.")
    return call.author.app


def _apply(call: Call, it: CheckRun) -> None:
    output = call.body.get("output", {})
    for name in ("summary", "text"):
        # The description counts characters, which is what comes first; then bytes are counted (github/docs#35252).
        if len(output.get(name, "").encode()) > _MAXIMUM:
            message = f"{name} exceeds a maximum bytesize of {_MAXIMUM}"
            error = {"resource": "CheckRun", "code": "custom", "field": name, "message": message}
            raise RefusedError(422, "Validation Failed", [error])
    if any(not _is_valid(one) for one in output.get("annotations", [])):
        raise RefusedError(
            422, "Validation Failed", [{"resource": "CheckRun", "code": "invalid", "field": "annotations"}]
        )
    completed = it.status == "completed"
    for name in _FIELDS:
        if name in call.body:
            setattr(it, name, call.body[name])
    # What is completed stays so: another status is taken, and nothing comes of it (tektoncd/pipelines-as-code#998,
    # Mergifyio/mergify#1989).
    it.status = "completed" if completed else it.status
    if "conclusion" in call.body:  # "Providing conclusion will automatically set the status parameter to completed."
        it.status, it.completed_at = "completed", call.body.get("completed_at", now())
    elif it.status != "completed":
        it.conclusion = it.completed_at = None
    for name in ("title", "summary", "text"):
        if name in output:
            setattr(it, name, output[name])
    # "Each time you update the check run, annotations are appended to the list of annotations that already exist."
    it.annotations += output.get("annotations", [])


def _is_valid(annotation: Mapping[str, Any]) -> bool:
    """What the description says of an annotation in words alone; of columns there are both (probot/probot#790)."""
    columns = [annotation[key] for key in ("start_column", "end_column") if key in annotation]
    lines = annotation["start_line"], annotation["end_line"]
    sizes = [len(annotation.get(key, "").encode()) for key in ("message", "raw_details")]
    return (
        1 <= lines[0] <= lines[1]
        and (not columns or (len(columns) == 2 and lines[0] == lines[1] and columns[0] >= 1))
        and max(sizes) <= 64 * 2**10
        and len(annotation.get("title", "")) <= 255
    )


def _find(call: Call) -> CheckRun:
    it = call.state.check_runs.get(call.params["check_run_id"])
    if it is None:
        raise not_found()
    return it


def _get(call: Call) -> Answer:
    return Answer(200, check_run(call, _find(call)))


def _annotations(call: Call) -> Answer:
    it = _find(call)
    blank = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    href = f"{call.origin}/{call.state.repository}/blob/{it.head_sha}/"
    return call.page(it.annotations, lambda one: {**blank, **one, "blob_href": href + str(one["path"])})


def _list(call: Call) -> Answer:
    name, status, owner = (call.query.get(key) for key in ("check_name", "status", "app_id"))
    ref = call.params["ref"].removeprefix("heads/")
    shas = {ref} | {it.head_sha for it in call.state.pulls.values() if it.head_branch == ref}
    found = [it for it in call.state.check_runs.values() if it.head_sha in shas]
    found = [
        it for it in found if name in (None, it.name) and status in (None, it.status) and owner in (None, it.app.id)
    ]
    if call.query.get("filter", "latest") == "latest":  # "the most recent check runs", one of a name and an app
        found = list({(it.name, it.app.id): it for it in found}.values())
    return call.page(found[::-1], lambda it: check_run(call, it), "check_runs")


OPERATIONS = {
    "checks/create": writes(_create, "checks"),
    "checks/update": writes(_update, "checks"),
    "checks/get": reads(_get, "checks"),
    "checks/list-annotations": reads(_annotations, "checks"),
    "checks/list-for-ref": reads(_list, "checks"),
}
