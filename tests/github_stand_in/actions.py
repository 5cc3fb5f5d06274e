"""Runs of workflows, and their artifacts."""

from typing import Any

from .api import Answer, Call, RefusedError, not_found, reads
from .identity import repository, user, user_id
from .model import Artifact, Run
from .pulls import own


def artifact(call: Call, it: Artifact) -> dict[str, Any]:
    """An `artifact`."""
    url = f"{call.repo}/actions/artifacts/{it.id}"
    run = call.state.runs[it.run_id]
    return {
        "id": it.id,
        "node_id": f"AR_{it.id}",
        "name": it.name,
        "size_in_bytes": len(it.content),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": it.expired,
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "expires_at": it.created_at,
        "digest": it.digest,
        "workflow_run": {
            "id": run.id,
            "repository_id": user_id(call.state.repository),
            "head_repository_id": user_id(run.head_repository),
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
        },
    }


def run(call: Call, it: Run) -> dict[str, Any]:
    """A `workflow-run`."""
    url = f"{call.repo}/actions/runs/{it.id}"
    owner = it.head_repository.partition("/")[0]
    return {
        "id": it.id,
        "name": it.name,
        "node_id": f"WFR_{it.id}",
        "head_branch": it.head_branch,
        "head_sha": it.head_sha,
        "path": ".github/workflows/convert.yml",
        "display_title": it.name,
        "run_number": 1,
        "run_attempt": 1,
        "event": it.event,
        "status": "completed",
        "conclusion": it.conclusion,
        "workflow_id": 1,
        "check_suite_id": it.id,
        "check_suite_node_id": f"CS_{it.id}",
        "url": url,
        "html_url": f"{call.origin}/{call.state.repository}/actions/runs/{it.id}",
        "pull_requests": own(call, it.head_sha),
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "run_started_at": it.created_at,
        "actor": user(call, owner),
        "triggering_actor": user(call, owner),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{call.repo}/check-suites/{it.id}",
        "workflow_url": f"{call.repo}/actions/workflows/1",
        "previous_attempt_url": None,
        "head_commit": {
            "id": it.head_sha,
            "tree_id": it.head_sha,
            "message": "A change",
            "timestamp": it.created_at,
            "author": {"name": owner, "email": f"{owner}@example.com"},
            "committer": {"name": owner, "email": f"{owner}@example.com"},
        },
        "repository": repository(call),
        "head_repository": repository(call, it.head_repository),
    }


def _find(call: Call) -> Artifact:
    it = call.state.artifacts.get(call.params["artifact_id"])
    if it is None:
        raise not_found()
    return it


def _get(call: Call) -> Answer:
    return Answer(200, artifact(call, _find(call)))


def _download(call: Call) -> Answer:
    it = _find(call)
    if call.identity is None:
        raise RefusedError(401, "Requires authentication")
    if it.expired:
        raise RefusedError(410, "Artifact has expired")
    if call.params["archive_format"] != "zip":
        raise not_found()
    return Answer(302, None, {"Location": f"{call.request.blobs}/artifacts/{it.id}/{it.name}.zip"})


def _get_run(call: Call) -> Answer:
    it = call.state.runs.get(call.params["run_id"])
    if it is None:
        raise not_found()
    return Answer(200, run(call, it))


def _list(call: Call) -> Answer:
    run_id, name = call.params.get("run_id"), call.query.get("name")
    if run_id is not None and run_id not in call.state.runs:
        raise not_found()
    found = [it for it in call.state.artifacts.values() if run_id in (None, it.run_id) and name in (None, it.name)]
    newest = call.query.get("direction", "desc") == "desc"
    return call.page(found[::-1] if newest else found, lambda it: artifact(call, it), "artifacts")


OPERATIONS = {
    "actions/get-workflow-run": reads(_get_run, "actions"),
    "actions/list-workflow-run-artifacts": reads(_list, "actions"),
    "actions/list-artifacts-for-repo": reads(_list, "actions"),
    "actions/get-artifact": reads(_get, "actions"),
    "actions/download-artifact": reads(_download, "actions"),
}
