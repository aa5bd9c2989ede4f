"""A reader who wants to know what is hidden: everything told, as equations, and a linear programme.

The reader knows every total of a unit and of the area, every cell that is told on any date,
official forms 2 and 3 of every unit, that counts are not negative, that who is counted by a
narrower condition is counted by the wider one too, and that the start of a year is the end of the
last one.
"""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array


class System:
    """Unknown counts, each with its true value, and what is known of them."""

    def __init__(self):
        self.truth, self.bounds, self.places = [], [], {}
        self.equal, self.below = [], []

    def count(self, key, truth: int):
        """Return the place of an unknown count; the same key is the same count."""
        if key not in self.places:
            self.places[key] = len(self.truth)
            self.truth.append(int(truth))
            self.bounds.append((0, None))
        assert self.truth[self.places[key]] == truth, key
        return self.places[key]

    def tell(self, place: int, low: int | None = None, high: int | None = None) -> None:
        """Let a count be known, or between two numbers."""
        if low is None:
            low = high = self.truth[place]
        was_low, was_high = self.bounds[place]
        ends = [one for one in (was_high, high) if one is not None]
        self.bounds[place] = max(low, was_low), min(ends) if ends else None

    def sum(self, terms: dict[int, int]) -> None:
        """Let the sum of counts, each times its factor, be known."""
        self.equal.append((terms, sum(self.truth[at] * factor for at, factor in terms.items())))

    def within(self, part: int, whole: int) -> None:
        assert self.truth[part] <= self.truth[whole]
        self.below.append(({part: 1, whole: -1}, 0))

    def found(self, wanted: dict, solves: int = 12, seed: int = 0) -> dict:
        """Return those of the wanted counts (name → terms) that can only be what they are.

        Solutions to random questions show most counts to be free at once; the rest are asked for
        one by one: the least and the most that each can be.
        """
        names = list(wanted)
        asked = _matrix([(wanted[name], 0) for name in names], len(self.truth))[0]
        truth = asked @ np.array(self.truth, dtype=float)
        free = np.zeros(len(names), dtype=bool)
        random = np.random.default_rng(seed)
        for _ in range(solves):
            if free.all():
                return {}
            goal = asked.T @ (random.choice([-1.0, 1.0], len(names)) * ~free)
            free |= np.abs(asked @ self.solve(goal) - truth) >= 1 - 1e-6
        found = {}
        for place in np.flatnonzero(~free):
            goal = asked[[place]].toarray().ravel()
            ends = [goal @ self.solve(goal), goal @ self.solve(-goal)]
            if np.floor(ends[1] + 1e-6) == np.ceil(ends[0] - 1e-6):
                found[names[place]] = ends
        return found

    def solve(self, goal) -> np.ndarray:
        """Return counts that agree with everything known and make the goal least."""
        size = len(self.truth)
        (equal, totals), (below, most) = _matrix(self.equal, size), _matrix(self.below, size)
        answer = linprog(goal, below, most, equal, totals, self.bounds, method="highs")
        if answer.status == 3:  # without end: keep it within reach
            bounds = [(low, 10_000 if high is None else high) for low, high in self.bounds]
            answer = linprog(goal, below, most, equal, totals, bounds, method="highs")
        assert answer.status == 0, answer.message
        return answer.x


def _matrix(lines: list[tuple[dict, int]], size: int):
    rows = [at for at, (terms, _) in enumerate(lines) for _ in terms]
    places = [place for terms, _ in lines for place in terms]
    factors = [float(factor) for terms, _ in lines for factor in terms.values()]
    shape = len(lines), size
    return coo_array((factors, (rows, places)), shape).tocsr(), [total for _, total in lines]
