//! How radius and learning rate fall.

use crate::{Error, Result};

/// What radius and learning rate fall to, linearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// In the last step the radius is [`LAST_RADIUS`], or what it began with if that is less, and
    /// the rate is [`LAST_RATE`] of what it began with.
    ToFloor,
    /// In step t of T both are 1 − t/T of what they began with.
    ToZero,
}

/// The radius to end with: within it there is no other unit.
pub const LAST_RADIUS: f64 = 0.5;

/// The learning rate to end with, relative to the one to begin with.
pub const LAST_RATE: f64 = 0.01;

/// With a radius of so little a unit is alone, to double precision, as it is with less; only 0
/// would be divided by.
const LEAST_RADIUS: f64 = 0.01;

/// Radius and learning rate at any step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    sigma: f64,
    learning_rate: f64,
    decay: Decay,
}

impl Schedule {
    /// Radius and rate to begin with.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the radius is positive and finite, and the rate at most 1 too.
    pub fn new(sigma: f64, learning_rate: f64, decay: Decay) -> Result<Self> {
        if !(sigma > 0.0 && sigma.is_finite()) {
            return Err(Error::parameter("sigma", sigma, "a positive number"));
        }
        if !(learning_rate > 0.0 && learning_rate <= 1.0) {
            let expected = "a positive number up to 1";
            return Err(Error::parameter("learning_rate", learning_rate, expected));
        }
        Ok(Self {
            sigma,
            learning_rate,
            decay,
        })
    }

    /// Radius and rate of step `step`, from 0, of `total`; behind the last as in it, or, where
    /// they fall to zero, with a rate of 0.
    #[must_use]
    pub fn at(&self, step: usize, total: usize) -> (f64, f64) {
        let (radius, rate) = match self.decay {
            Decay::ToFloor => {
                let progress = (step as f64 / total.saturating_sub(1).max(1) as f64).min(1.0);
                let between = |first: f64, last: f64| first * (1.0 - progress) + last * progress;
                (
                    between(self.sigma, LAST_RADIUS.min(self.sigma)),
                    between(self.learning_rate, LAST_RATE * self.learning_rate),
                )
            }
            Decay::ToZero => {
                let left = (1.0 - step as f64 / total as f64).max(0.0);
                (self.sigma * left, self.learning_rate * left)
            }
        };
        (radius.max(LEAST_RADIUS), rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radius_and_rate_fall_in_a_line_to_where_they_should() {
        let floor = Schedule::new(8.0, 0.5, Decay::ToFloor).unwrap();
        assert_eq!(floor.at(0, 16), (8.0, 0.5));
        assert_eq!(floor.at(15, 16), (0.5, 0.005));
        assert_eq!(floor.at(99, 16), floor.at(15, 16));
        assert_eq!(floor.at(0, 1), (8.0, 0.5));
        let zero = Schedule::new(8.0, 0.5, Decay::ToZero).unwrap();
        assert_eq!(zero.at(0, 16), (8.0, 0.5));
        assert_eq!(zero.at(15, 16), (0.5, 0.5 / 16.0));
        assert_eq!(zero.at(16, 16), (LEAST_RADIUS, 0.0));
    }

    #[test]
    fn what_cannot_be_is_named() {
        let message = |sigma, rate| {
            Schedule::new(sigma, rate, Decay::ToFloor)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(message(0.0, 0.5), "sigma=0: expected a positive number");
        assert_eq!(
            message(f64::NAN, 0.5),
            "sigma=NaN: expected a positive number"
        );
        assert_eq!(
            message(1.0, 1.5),
            "learning_rate=1.5: expected a positive number up to 1"
        );
    }
}
