//! A sum of which nothing is lost, for one number a row.

/// Number of digits. The highest that a number reaches is number 65; the others take what
/// carries over.
const DIGITS: usize = 68;

/// Bits of a digit.
const WIDTH: usize = 32;

/// An exact sum of floating-point numbers: a number of 68 digits in base 2^32, the lowest of which
/// counts 2^−1074. Digits are added without carrying, so that up to 2^31 numbers fit in. The
/// "small superaccumulator" of R. Neal, "Fast exact summation using small and large
/// superaccumulators" (2015), with half as many bits in a digit.
///
/// Sums of two parts are added digit by digit. The order of the numbers makes no difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    digits: [i64; DIGITS],
    /// The plain sum of those that are not finite.
    beyond: f64,
}

impl Total {
    /// A sum of nothing.
    pub(super) fn new() -> Self {
        Self {
            digits: [0; DIGITS],
            beyond: 0.0,
        }
    }

    /// A sum of these digits. Those that are missing are 0.
    #[must_use]
    pub fn of_digits(digits: &[i64]) -> Self {
        let mut total = Self::new();
        for (digit, &given) in total.digits.iter_mut().zip(digits) {
            *digit = given;
        }
        total
    }

    /// The digits, the lowest first.
    #[must_use]
    pub fn digits(&self) -> &[i64] {
        &self.digits
    }

    /// Adds a number of at least 0.
    pub(super) fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> 52) as usize;
        if exponent >= 0x7ff {
            // Not finite, or below 0.
            self.beyond += number;
            return;
        }
        let hidden = u64::from(exponent > 0) << 52;
        let fraction = u128::from(bits & ((1 << 52) - 1) | hidden);
        let place = exponent.max(1) - 1;
        let digits = fraction << (place % WIDTH);
        for (d, digit) in self.digits[place / WIDTH..][..3].iter_mut().enumerate() {
            *digit += i64::from((digits >> (d * WIDTH)) as u32);
        }
    }

    /// Adds another sum.
    pub(super) fn join(&mut self, other: &Self) {
        for (digit, more) in self.digits.iter_mut().zip(&other.digits) {
            *digit += more;
        }
        self.beyond += other.beyond;
    }

    /// The sum, rounded once.
    #[must_use]
    pub fn value(&self) -> f64 {
        let mut digits = [0_u32; DIGITS];
        let mut carry = 0;
        for (digit, &wide) in digits.iter_mut().zip(&self.digits) {
            let wide = wide + carry;
            *digit = wide as u32;
            carry = wide >> WIDTH;
        }
        let first = digits.iter().rposition(|&digit| digit > 0).unwrap_or(0);
        let last = first.saturating_sub(2);
        let top = digits[last..=first.max(2)].iter().rev();
        let top = top.fold(0_u128, |top, &digit| top << WIDTH | u128::from(digit));
        // These are 65 bits or more, unless there are no lower digits. Of those it matters only
        // whether they are all 0.
        let rest = digits[..last].iter().any(|&digit| digit > 0);
        let rounded = (top << 1 | u128::from(rest)) as f64;
        // Half of the last digit's unit, in two factors because the first may be too small.
        rounded * 0.5 * unit(last) + self.beyond
    }
}

/// What a digit counts.
fn unit(digit: usize) -> f64 {
    let exponent = digit * WIDTH;
    if exponent < 52 {
        f64::from_bits(1 << exponent)
    } else {
        f64::from_bits((exponent as u64 - 51) << 52)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(numbers: &[f64]) -> Total {
        let mut total = Total::new();
        for &number in numbers {
            total.add(number);
        }
        total
    }

    proptest! {
        #[test]
        fn sums_of_integers_are_rounded_once(
            integers in prop::collection::vec(0_u64..1 << 53, 0..200), exponent in -1074_i32..900,
            cut in 0.0..1.0,
        ) {
            // The power itself, without rounding on the way to it.
            let scale = if exponent < -1022 {
                f64::from_bits(1 << (exponent + 1074))
            } else {
                2.0_f64.powi(exponent)
            };
            let numbers: Vec<f64> = integers.iter().map(|&x| x as f64 * scale).collect();
            let exact: u128 = integers.iter().map(|&x| u128::from(x)).sum();
            let whole = total(&numbers);
            prop_assert_eq!(whole.value(), exact as f64 * scale);
            let (a, b) = numbers.split_at((cut * numbers.len() as f64) as usize);
            let mut parts = total(b);
            parts.join(&total(a));
            prop_assert_eq!(Total::of_digits(parts.digits()), whole);
        }

        #[test]
        fn small_numbers_beside_large_ones_count(small in 1_u64..1 << 52, times in 1_usize..3000) {
            let small = small as f64 * f64::EPSILON;
            let mut numbers = vec![small; times];
            numbers.push(1e300);
            numbers.push(f64::from_bits(1));
            let mut without = total(&numbers);
            // Taking the large one away leaves the exact sum of the others.
            for (digit, large) in without.digits.iter_mut().zip(total(&[1e300]).digits) {
                *digit -= large;
            }
            let exact = (small / f64::EPSILON) as u128 * times as u128;
            let value = without.value();
            prop_assert!((value - exact as f64 * f64::EPSILON).abs() <= value * f64::EPSILON);
        }
    }

    #[test]
    fn half_of_the_last_place_is_rounded_by_what_comes_after() {
        let half = f64::EPSILON / 2.0;
        assert_eq!(total(&[1.0, half]).value(), 1.0);
        assert_eq!(
            total(&[1.0, half, f64::from_bits(1)]).value(),
            1.0 + f64::EPSILON
        );
        assert_eq!(total(&[]).value(), 0.0);
        assert_eq!(total(&[f64::MAX]).value(), f64::MAX);
        assert_eq!(total(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
        assert_eq!(total(&[1.0, f64::INFINITY]).value(), f64::INFINITY);
    }
}
