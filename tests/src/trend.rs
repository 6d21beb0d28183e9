//! Whether a series of measurements rises, beyond what its own scatter explains.

/// A straight line through points: how much it rises for each step, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// How much the line rises per unit of x.
    pub slope: f64,
    /// The standard error of the slope.
    pub error: f64,
}

impl Trend {
    /// Ordinary least squares (Draper and Smith, Applied Regression Analysis, chapter 1). `None` for fewer than three
    /// points, or points that are all above each other: through those there is no line with an error.
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let mean = |figure: fn(&(f64, f64)) -> f64| points.iter().map(figure).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        if points.len() < 3 || spread == 0.0 {
            return None;
        }
        let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
        let residue: f64 = points.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
        Some(Self { slope, error: (residue / (count - 2.0) / spread).sqrt() })
    }

    /// What the rise is at least, with a certainty of about 98 % when errors are normal: two standard errors below the slope.
    pub fn at_least(self) -> f64 {
        self.slope - 2.0 * self.error
    }

    /// What the rise is at most, likewise.
    pub fn at_most(self) -> f64 {
        self.slope + 2.0 * self.error
    }
}

#[test]
fn a_line_is_found_with_its_error() {
    let exact: Vec<_> = (0..10).map(|x| (f64::from(x), 5.0 + 3.0 * f64::from(x))).collect();
    let trend = Trend::of(&exact).unwrap();
    assert!((trend.slope - 3.0).abs() < 1e-12 && trend.error < 1e-12, "{trend:?}");
    // Draper and Smith's formula by hand: slope 0, residues 1, -1, -1, 1 over a spread of 5.
    let flat = Trend::of(&[(0.0, 1.0), (1.0, -1.0), (2.0, -1.0), (3.0, 1.0)]).unwrap();
    assert!(flat.slope.abs() < 1e-12 && (flat.error - (4.0_f64 / 2.0 / 5.0).sqrt()).abs() < 1e-12, "{flat:?}");
}

#[test]
fn there_is_no_line_through_too_little() {
    assert_eq!(Trend::of(&[]), None);
    assert_eq!(Trend::of(&[(1.0, 1.0), (2.0, 2.0)]), None);
    assert_eq!(Trend::of(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
}
