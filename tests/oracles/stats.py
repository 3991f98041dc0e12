"""Makes stats.json: what other people's statistics say, for tests/oracles.rs to compare with src/stats.

    python3 -m venv /tmp/oracles && /tmp/oracles/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 ruptures==1.1.10
    /tmp/oracles/bin/python tests/oracles/stats.py > tests/oracles/stats.json

Nothing here is translated from src/stats: tests, quantiles and corrections are calls of scipy and statsmodels, PELT is that of ruptures. Two things
have no such call and are written down from their papers: the interpolated interval of a median (Hettmansperger & Sheather 1986) and
the cost of a segment with a least variance, which is given to ruptures as a cost of its own. Where no two neighbours are nearly equal its built-in
cost "normal" (variances over m - 1, no least variance but 1e-6) finds the same changes; those cases are marked so.

The crate anofox-statistics (0.6.0) was looked at as a second oracle and left out: of what is compared here it has the rank tests only, which
scipy has too, and it brings 27 crates (nalgebra, statrs, a second rand) into every build of the tests.
"""

import json
import math
import sys

import numpy as np
import ruptures
import scipy
import statsmodels
from ruptures.base import BaseCost
from scipy import stats
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.multitest import multipletests

draw = np.random.default_rng(20171009)


class Normal(BaseCost):
    """Twice the negative log-likelihood of a normal distribution whose variance is no less than a millionth of the signal's."""

    model = ""
    min_size = 2

    def fit(self, signal):
        self.signal = ((signal - signal.mean()) / signal.std()).reshape(-1)
        return self

    def error(self, start, end):
        part = self.signal[start:end]
        v = max(part.var(), 1e-6)
        return len(part) * (math.log(v) + part.var() / v)


def rounded(values):
    return [float(f"{v:.6g}") for v in values]


def changes(signal, penalty, cost):
    signal = np.array(signal)
    if cost == "normal":
        search = ruptures.Pelt(model="normal", min_size=2, jump=1)
        signal = (signal - signal.mean()) / signal.std()
    else:
        search = ruptures.Pelt(custom_cost=Normal(), min_size=2, jump=1)
    return [int(i) for i in search.fit(signal.reshape(-1, 1)).predict(pen=penalty)[:-1]]


def pelt():
    noise = lambda n, mean, sd: draw.normal(mean, sd, n)
    clear = {
        "a step up": np.concatenate([noise(40, 10, 0.3), noise(50, 14, 0.3)]),
        "a change of spread alone": np.concatenate([noise(60, 10, 0.2), noise(60, 10, 4)]),
        "four levels": np.concatenate([noise(25, m, 0.5) for m in (10, 20, 5, 12)]),
        "no change": noise(100, 10, 1),
    }
    other = {
        "a saw-tooth": np.tile([1.0, 1.0, 1.0, 3.0, 2.0], 16) + noise(80, 0, 0.02),
        "a drift": np.linspace(10, 20, 90) + noise(90, 0, 0.4),
        "skewed": draw.lognormal(0, 0.8, 80),
        "neighbours that are equal": np.round(noise(60, 3, 1)),
        "warm-up": 5 + 20 * np.exp(-np.arange(100) / 8) + noise(100, 0, 0.2),
        "two long bursts": np.concatenate([noise(n, m, 0.05) for n, m in [(20, 1), (9, 2), (25, 1), (11, 2), (15, 1)]]),
    }
    cases = []
    for named, costs in [(clear, ["least variance", "normal"]), (other, ["least variance"])]:
        for name, values in named.items():
            values = rounded(values)
            for factor in (3, 15):
                penalty = factor * math.log(len(values))
                # With a small penalty the two costs differ in the last digit of a variance; ask only the cost that is ours.
                for cost in costs if factor == 15 else costs[:1]:
                    found = changes(values, penalty, cost)
                    cases.append({"name": name, "cost": cost, "values": values, "penalty": penalty, "changes": found})
    return cases


def ranks():
    cases = []
    pairs = [
        (draw.lognormal(0, 1, 5), draw.lognormal(0.5, 1, 6)),
        (draw.normal(0, 1, 10), draw.normal(1.5, 1, 10)),
        (draw.exponential(1, 3), draw.exponential(1, 3)),
        (draw.standard_t(3, 20), draw.standard_t(3, 15)),
        (draw.integers(0, 6, 7), draw.integers(2, 8, 8)),
        (draw.integers(0, 3, 6), draw.integers(0, 3, 6)),
    ]
    for a, b in pairs:
        a, b = rounded(a), rounded(b)
        tied = len(set(a + b)) < len(a + b)
        if tied:
            # Over every arrangement: the exact method of mannwhitneyu knows no ties.
            sum_of_ranks = lambda x, y: stats.rankdata(np.concatenate([x, y]))[: len(x)].sum()
            p = stats.permutation_test((a, b), sum_of_ranks, n_resamples=np.inf, vectorized=False).pvalue
        else:
            p = stats.mannwhitneyu(a, b, method="exact").pvalue
        shift = float(np.median(np.subtract.outer(a, b)))
        cases.append({"a": a, "b": b, "p": float(p), "shift": shift})
    return cases


def coverage(n, k):
    """Of the k-th smallest and k-th largest of n."""
    return 1 - 2 * float(stats.binom.cdf(k - 1, n, 0.5))


def interpolated(values, level):
    """Hettmansperger & Sheather 1986, between the narrowest interval of order statistics that holds and the next narrower one."""
    x = [None] + sorted(values)
    n = len(values)
    k = max([1] + [k for k in range(1, n // 2 + 1) if coverage(n, k) >= level])
    if coverage(n, k) <= level or 2 * (k + 1) > n + 1:
        return [x[k], x[n + 1 - k]]
    share = (coverage(n, k) - level) / (coverage(n, k) - coverage(n, k + 1))
    weight = (n - k) * share / (k + (n - 2 * k) * share)
    return [(1 - weight) * x[k] + weight * x[k + 1], (1 - weight) * x[n + 1 - k] + weight * x[n - k]]


def medians():
    cases = []
    for n in (1, 2, 3, 5, 6, 7, 9, 10, 15, 20, 30, 61):
        values = rounded(draw.lognormal(0, 0.7, n))
        for level in (0.5, 0.8, 0.95, 0.99):
            # scipy has no interval where even minimum and maximum are too narrow.
            exact = stats.quantile_test(values, q=0, p=0.5).confidence_interval(level)
            exact = None if math.isnan(exact.low) or math.isnan(exact.high) else [exact.low, exact.high]
            cases.append({"values": values, "level": level, "exact": exact, "interpolated": interpolated(values, level)})
    return cases


def cautious(values, level):
    """Around a median: order statistics where the extremes hold, else Student's t on the standard error of a normal sample's median."""
    n = len(values)
    if coverage(n, 1) >= level:
        exact = stats.quantile_test(values, q=0, p=0.5).confidence_interval(level)
        return [float(exact.low), float(exact.high)]
    error = stats.sem(values) * math.sqrt(math.pi / 2)
    lo, hi = stats.t.interval(level, n - 1, loc=np.median(values), scale=error)
    return [float(lo), float(hi)]


def slopes():
    """Of few runs: some rise, some fall, some do neither."""
    cases = []
    for n in (2, 3, 4, 5, 6, 10, 20):
        for centre in (-0.02, 0.0, 0.03):
            values = rounded(draw.normal(centre, 0.01, n))
            for level in (0.9, 0.95):
                cases.append({"values": values, "level": level, "interval": cautious(values, level)})
    return cases


def distributions():
    t = [
        {"p": p, "df": df, "t": float(stats.t.ppf(p, df))}
        for p in (0.0001, 0.004, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9958, 0.9995)
        for df in (1, 2, 2.7, 4, 9, 18.5, 58, 300)
    ]
    normal = [{"p": p, "z": float(stats.norm.ppf(p))} for p in (1e-6, 0.001, 0.025, 0.2, 0.5, 0.84, 0.975, 0.99999)]
    return {"t": t, "normal": normal}


def fisher():
    return [
        {"f": f, "d1": d1, "d2": d2, "p": float(stats.f.cdf(f, d1, d2))}
        for f in (0.01, 0.7, 1.0, 3.5, 40.0)
        for d1, d2 in [(1, 1), (1, 18), (3, 16), (6, 72)]
    ]


def corrections():
    cases = []
    for m in (1, 2, 6, 6, 9):
        p = rounded(draw.beta(0.4, 3, m))
        rejected, adjusted, _, _ = multipletests(p, alpha=0.05, method="holm")
        cases.append({"p": p, "adjusted": [float(v) for v in adjusted], "rejected": [bool(v) for v in rejected]})
    return cases


def lines():
    cases = []
    for n in (3, 8, 40):
        x, y = rounded(draw.normal(0, 10, n)), rounded(draw.normal(5, 2, n))
        cases.append({"x": x, "y": y, "slope": float(stats.linregress(x, y).slope)})
    return cases


def power_law(x, y, knot, level, at):
    """ln y over ln x by OLS over all values, or by WLS over the means of equal x where these may lie off the line (anova_lm, lack of fit at 25 %, told at 5 %).
    With a knot always by WLS, with the larger of the two scales."""
    columns = lambda u: np.column_stack([np.ones_like(u), u] + ([np.maximum(0, u - knot)] if knot is not None else []))
    u, v = np.log(x), np.log(y)
    fit = OLS(v, columns(u)).fit()
    places = np.unique(u)
    lack = 1.0
    if len(places) > columns(u).shape[1] and len(u) > len(places):
        own = OLS(v, (u[:, None] == places).astype(float)).fit()
        lack = anova_lm(fit, own)["Pr(>F)"].iloc[1]
    strays = bool(lack < 0.05)
    if knot is not None or lack < 0.25:
        all_values = fit.scale
        means = np.array([v[u == p].mean() for p in places])
        fit = WLS(means, columns(places), weights=[(u == p).sum() for p in places]).fit()
        if knot is not None:
            fit._results.scale = max(fit.scale, all_values)
    exponent = lambda contrast: [float(fit.t_test(contrast).effect[0]), *fit.t_test(contrast).conf_int(1 - level)[0].tolist()]
    rows = fit.get_prediction(columns(np.log(np.array(at)))).summary_frame(1 - level)
    predicted = np.exp(rows[["mean", "obs_ci_lower", "obs_ci_upper"]].to_numpy()).tolist()
    return fit, strays, exponent, predicted


def growths():
    """The rule for a break (places, the correction for their number, intervals apart) is ours; every number in it is of statsmodels."""
    level = 0.95
    sizes = lambda k: 2.0 ** np.arange(28, 28 + k)
    scatter = lambda n, sd: draw.lognormal(0, sd, n)
    cases = []
    for name, k, runs, curve, sd, off in [
        ("level", 6, 10, lambda x: 0 * x + 5e6, 0.1, 0.0),
        ("in proportion", 4, 3, lambda x: 3e-3 * x, 0.2, 0.0),
        ("by the root, few runs", 3, 2, lambda x: 400 * x**0.5, 0.3, 0.0),
        ("one value at each", 5, 1, lambda x: 2e9 / x**0.3, 0.05, 0.0),
        ("sizes off the line", 6, 8, lambda x: 1e-2 * x**0.7, 0.02, 0.3),
        ("perhaps off the line", 6, 8, lambda x: 1e-2 * x**0.7, 0.1, 0.04),
        ("a break", 8, 6, lambda x: 1e6 * np.maximum(1, x / 2.0**31) ** 1.2, 0.1, 0.0),
        ("a gentle bend", 6, 5, lambda x: 1e6 + 2e-3 * x, 0.1, 0.0),
        ("a break with sizes off the line", 9, 6, lambda x: 1e6 * np.maximum(1, x / 2.0**31) ** 1.5, 0.02, 0.08),
        ("nothing to be seen", 4, 5, lambda x: 0 * x + 1e7, 1.2, 0.0),
    ]:
        x = np.repeat(sizes(k), runs)
        shift = np.repeat(np.exp(off * draw.standard_normal(k)), runs)
        y = np.array(rounded(curve(x) * shift * scatter(len(x), sd)))
        at = [float(sizes(k)[0]), float(sizes(k)[-1] * 1.5), float(2**37)]
        _, strays, exponent, predicted = power_law(x, y, None, level, at)
        case = {"name": name, "x": x.tolist(), "y": y.tolist(), "exponent": exponent([0, 1]), "bend": None}
        places = np.log(sizes(k))[1:-2]
        tried = [(power_law(x, y, p, level, at), p) for p in places]
        if tried:
            residue = lambda fitted: OLS(np.log(y), np.column_stack([np.ones_like(x), np.log(x), np.maximum(0, np.log(x) - fitted[1])])).fit().ssr
            (fit, bent_strays, of, bent_predicted), knot = min(tried, key=residue)
            p = min(1.0, float(fit.t_test([0, 0, 1]).pvalue) * len(places))
            before, after = of([0, 1, 0]), of([0, 1, 1])
            if p <= 0.01 and (before[2] < after[1] or after[2] < before[1]):
                case["bend"] = {"at": float(np.exp(knot)), "before": before, "after": after, "p": p}
                strays, predicted = bent_strays, bent_predicted
        cases.append({**case, "strays": strays, "at": at, "predicted": predicted})
    return cases


def rounds():
    """One work: the paired t test. Its interval and its p against an edge of the band, both of logarithms."""
    cases = []
    for n, sd, shift in [(2, 0.1, 0.3), (3, 0.05, 0.0), (5, 0.02, 0.1), (10, 0.1, -0.05), (20, 0.3, 0.02)]:
        wave = draw.lognormal(0, 0.3, n)
        a, b = (rounded(1e9 * wave * draw.lognormal(s, sd, n)) for s in (shift, 0.0))
        difference = np.log(a) - np.log(b)
        test = stats.ttest_rel(np.log(a), np.log(b))
        bounds = {str(level): [float(v) for v in np.exp(test.confidence_interval(level))] for level in (0.8, 0.95, 0.99)}
        edge = math.log(1.05)
        side = -1 if difference.mean() < 0 else 1
        alternative = "greater" if side > 0 else "less"
        p = min(1.0, 2 * stats.ttest_1samp(difference, side * edge, alternative=alternative).pvalue)
        cases.append({"a": a, "b": b, "ratio": float(stats.gmean(np.array(a) / np.array(b))), "bounds": bounds, "p": float(p)})
    return cases


def quantiles():
    cases = []
    for n in (1, 2, 7, 100):
        values = rounded(draw.exponential(3, n))
        q = [0.0, 0.1, 0.25, 0.5, 0.9, 0.999, 1.0]
        cases.append({"values": values, "q": q, "quantiles": [float(v) for v in np.quantile(values, q, method="linear")]})
    return cases


json.dump(
    {
        "made_by": {m.__name__: m.__version__ for m in (np, scipy, statsmodels, ruptures)},
        "changepoints": pelt(),
        "ranks": ranks(),
        "medians": medians(),
        "distributions": distributions(),
        "holm": corrections(),
        "slopes": lines(),
        "quantiles": quantiles(),
        "cautious": slopes(),
        "fisher": fisher(),
        "growths": growths(),
        "rounds": rounds(),
    },
    sys.stdout,
    separators=(",", ":"),
)
print()
