//! How radius and learning rate fall during training.

use crate::{Error, Result};

/// The values that radius and learning rate fall to. Both fall linearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// In the last step the radius is [`LAST_RADIUS`], or its initial value if that is smaller, and
    /// the rate is [`LAST_RATE`] times its initial value.
    ToFloor,
    /// In step t of T both are 1 − t/T times their initial values.
    ToZero,
}

/// The final radius. No other unit is within it.
pub const LAST_RADIUS: f64 = 0.5;

/// The final learning rate, relative to the initial one.
pub const LAST_RATE: f64 = 0.01;

/// The smallest radius. With this or a smaller radius, to double precision, a unit is alone in its
/// neighbourhood. A radius of 0 would lead to a division by zero.
const LEAST_RADIUS: f64 = 0.01;

/// Radius and learning rate at any step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    sigma: f64,
    learning_rate: f64,
    decay: Decay,
}

impl Schedule {
    /// A schedule that begins with a radius of `sigma`, in column widths of the grid, and with
    /// `learning_rate`.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless both are positive and finite, and the rate is at most 1.
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

    /// Radius and rate of step `step` of `total`; steps count from 0. After the last step both stay
    /// as they were in it or, with [`Decay::ToZero`], the rate is 0.
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
