//! The normal, Student's t and Fisher's F distribution, to the accuracy an interval needs (about 1e-10 absolute).

/// P(Z <= x), by the series of Marsaglia, "Evaluating the Normal Distribution" (2004).
pub fn normal_cdf(x: f64) -> f64 {
    if x < -8.0 {
        return 0.0;
    }
    if x > 8.0 {
        return 1.0;
    }
    let (mut sum, mut term, mut previous, mut i) = (x, x, 0.0, 1.0);
    while sum != previous {
        previous = sum;
        i += 2.0;
        term *= x * x / i;
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The x with `normal_cdf(x) == p`, clamped to -8..8.
pub fn normal_quantile(p: f64) -> f64 {
    invert(normal_cdf, p, 8.0)
}

/// P(T <= t) for Student's t with `df` > 0 degrees of freedom (need not be whole).
pub fn t_cdf(t: f64, df: f64) -> f64 {
    // Near the centre the first argument rounds to 1 before t rounds to 0.
    let tail = if t * t < df {
        (1.0 - incomplete_beta(t * t / (df + t * t), 0.5, df / 2.0)) / 2.0
    } else {
        incomplete_beta(df / (df + t * t), df / 2.0, 0.5) / 2.0
    };
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// The t with `t_cdf(t, df) == p`, clamped to -1e6..1e6.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    invert(|t| t_cdf(t, df), p, 1e6)
}

/// P(F <= f) for Fisher's F with `d1` and `d2` > 0 degrees of freedom; 1 for an infinite `f`.
pub fn f_cdf(f: f64, d1: f64, d2: f64) -> f64 {
    if f <= 0.0 {
        return 0.0;
    }
    // 1 - x, since x rounds to 1 for large f.
    let rest = d2 / (d1 * f + d2);
    1.0 - incomplete_beta(rest, d2 / 2.0, d1 / 2.0)
}

/// Bisection: slow and certain; called a handful of times per verdict. Works on the lower tail, where small probabilities are exact.
fn invert(cdf: impl Fn(f64) -> f64, p: f64, limit: f64) -> f64 {
    let lower = p.min(1.0 - p);
    let (mut lo, mut hi) = (-limit, 0.0);
    for _ in 0..100 {
        let middle = (lo + hi) / 2.0;
        if cdf(middle) < lower {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    if p < 0.5 { lo } else { -lo }
}

/// ln of the gamma function for x > 0: Lanczos' approximation, g = 7, nine terms (Numerical Recipes, 6.1).
fn ln_gamma(x: f64) -> f64 {
    const C: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let mut sum = 0.999_999_999_999_809_9;
    for (i, c) in C.iter().enumerate() {
        sum += c / (x + i as f64 + 1.0);
    }
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Regularised incomplete beta function I_x(a, b), by Lentz's continued fraction (Numerical Recipes, 6.4).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges quickly only on this side of the mean.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp() / a;
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            d = 1.0 / guard(1.0 + step * d);
            c = guard(1.0 + step / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    front * fraction
}
