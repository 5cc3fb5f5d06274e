"""Two models timed in turn, on a clock of the test's own."""

import math

import numpy as np
import pytest

from onnx_convert.workers.artifact.paired import GROWTH, measure


class Machine:
    """A clock that moves when sessions are opened and calls take their time."""

    def __init__(self, slowdown=0.0, noise=0.0, cold=1.0, later=1.0, seed=0):
        self.now = 0
        self.log = []
        self._slowdown, self._noise, self._cold, self._later = slowdown, noise, cold, later
        self._draw = np.random.default_rng(seed)
        self._last = None

    def __call__(self):
        return self.now

    def model(self, name, milliseconds):
        def opened():
            self.now += int(5e6)
            later = bool(self.log) and self.log[-1].startswith("open")
            self.log.append(f"open {name}")

            def call():
                self.log.append(name)
                factor = (1 + self._slowdown * self.now / 1e9) * np.exp(self._draw.exponential(self._noise))
                factor *= (1.0 if self._last == name else self._cold) * (self._later if later else 1.0)
                self._last = name
                self.now += int(milliseconds * 1e6 * factor)

            return call

        return opened


def ratio(found):
    return math.exp(found.found.log)


def test_the_ratio_is_the_first_models_time_over_the_seconds():
    machine = Machine()
    found = measure(machine.model("a", 3), machine.model("b", 2), seconds=2, clock=machine)
    assert ratio(found) == pytest.approx(1.5)
    assert found.verdict == "slower"


def test_the_same_model_is_unchanged():
    machine = Machine(noise=0.05)
    found = measure(machine.model("a", 2), machine.model("a", 2), seconds=5, clock=machine)
    assert found.verdict == "unchanged"


def test_a_machine_that_slows_down_all_the_time_slows_both_alike():
    machine = Machine(slowdown=0.5)
    found = measure(machine.model("a", 2), machine.model("b", 2), seconds=5, clock=machine)
    assert ratio(found) == pytest.approx(1, abs=2e-3)


def test_a_cold_cache_after_the_other_model_falls_on_both_alike():
    machine = Machine(cold=1.2)
    found = measure(machine.model("a", 0.2), machine.model("b", 0.2), seconds=2, clock=machine)
    assert ratio(found) == pytest.approx(1, abs=1e-6)


def test_where_the_sessions_that_are_opened_later_lie_falls_on_both_alike():
    machine = Machine(later=1.05)
    found = measure(machine.model("a", 0.2), machine.model("b", 0.2), seconds=2, clock=machine)
    assert ratio(found) == pytest.approx(1, abs=1e-6)


def test_a_small_slowdown_is_found_in_noise_and_its_interval_holds_it():
    machine = Machine(noise=0.05)
    found = measure(machine.model("a", 1.03), machine.model("b", 1), seconds=5, clock=machine)
    assert found.verdict == "slower"
    low, high = found.found.sure
    assert low < math.log(1.03) < high


def test_what_is_clear_early_ends_early_and_what_is_open_goes_on_for_longer_than_asked():
    clear = Machine()
    found = measure(clear.model("a", 2), clear.model("b", 1), seconds=10, clock=clear)
    assert found.seconds < 5
    hidden = Machine(noise=0.7)
    found = measure(hidden.model("a", 1), hidden.model("b", 1), seconds=2, clock=hidden)
    assert found.verdict == "inconclusive"
    assert 2 < found.seconds < GROWTH * 2 + 1


def test_every_epoch_has_fresh_sessions_opened_in_both_orders():
    machine = Machine()
    found = measure(machine.model("a", 1), machine.model("b", 1), seconds=1, clock=machine)
    opened = [entry.split()[1] for entry in machine.log if entry.startswith("open")]
    once = 2  # the first session of a process is not measured
    assert len(opened) == once + 2 * found.epochs
    rounds = ["".join(opened[i : i + 4]) for i in range(once, len(opened), 4)]
    assert set(rounds) == {"abba", "baab"}


def test_calls_take_turns_in_blocks_and_the_second_epoch_mirrors_the_first():
    machine, heard = Machine(), []
    found = measure(machine.model("a", 1), machine.model("b", 1), seconds=1, clock=machine, watch=heard.append)
    blocks = found.pairs - heard[-2].pairs
    last = [text.split()[1:] for text in " ".join(machine.log).split("open ")]
    # Of each epoch, the second opening is followed by its calls; the warm-up comes first.
    first, second = ("".join(calls)[-4 * blocks :] for calls in [calls for calls in last if calls][-2:])
    assert {first[i : i + 4] for i in range(0, len(first), 4)} == {"abba", "baab"}
    assert second == first.translate(str.maketrans("ab", "ba"))


def test_the_timings_of_both_are_kept():
    machine = Machine()
    found = measure(machine.model("a", 3), machine.model("b", 2), seconds=1, clock=machine)
    assert set(found.first.kept) == {3_000_000}
    assert found.second.summary()["median"] == pytest.approx(2)
    assert found.first.count == found.second.count


def test_those_who_watch_hear_after_each_round():
    machine, heard = Machine(noise=0.5), []
    found = measure(machine.model("a", 1), machine.model("b", 1), seconds=1, clock=machine, watch=heard.append)
    assert [one.epochs for one in heard] == list(range(2, found.epochs + 1, 2))


def test_a_model_too_slow_for_the_time_is_measured_once_and_gives_no_verdict():
    machine = Machine()
    found = measure(machine.model("a", 5000), machine.model("b", 5000), seconds=1, clock=machine)
    assert found.epochs == 2
    assert found.verdict == "inconclusive"


def test_what_a_call_raises_is_raised():
    def broken():
        raise RuntimeError("the provider is gone")

    with pytest.raises(RuntimeError, match="gone"):
        measure(broken, broken, seconds=1)
