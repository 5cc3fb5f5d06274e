"""Pull requests, as GitHub tells of them."""

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, repository


def test_pull_requests_are_found_by_the_owner_and_the_branch_of_their_head(stand_in: StandIn) -> None:
    stand_in.add_pull(head_branch="a/branch")
    stand_in.add_pull(head_branch="a/branch", head_repository="someone/models")
    stand_in.add_pull(head_branch="a/branch", head_repository="someone/models", state="closed")
    repo = repository(stand_in)
    assert [it.number for it in repo.get_pulls(head="someone:a/branch")] == [2]
    assert [it.number for it in repo.get_pulls(head="someone:a/branch", state="all")] == [3, 2]
    assert [it.number for it in repo.get_pulls()] == [2, 1]


def test_pull_requests_are_found_by_commit(stand_in: StandIn) -> None:
    stand_in.add_pull(head_sha="a" * 40)
    stand_in.add_pull(head_sha="d" * 40, head_repository="someone/models")
    (found,) = repository(stand_in).get_commit("d" * 40).get_pulls()
    assert (found.number, found.head.sha, found.head.repo.full_name) == (2, "d" * 40, "someone/models")
    assert found.base.repo.full_name == stand_in.repository


def test_the_repository_of_a_deleted_fork_is_null(stand_in: StandIn) -> None:
    stand_in.add_pull(1, head_repository=None)
    assert Repo(stand_in)("pulls/1").json["head"]["repo"] is None


def test_another_repository_is_not_found(stand_in: StandIn) -> None:
    stand_in.add_pull(1)
    repo = Repo(stand_in)
    repo.url = repo.url.replace("octo-org", "someone")
    assert repo("pulls/1").status == 404
