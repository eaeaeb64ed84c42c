//! The FFT of frames whose length is a power of two, in double precision.
//!
//! Two samples are one complex number. The numbers are laid out as a matrix, row after row. Each
//! column is transformed, the result is turned and transposed, and each column is transformed
//! again: D. H. Bailey, "FFTs in external or hierarchical memory", J. Supercomputing 4 (1990). Four
//! columns are handled at a time, one in each lane of a vector. They need no shuffles, and they
//! stay in the nearest cache.
//!
//! A column is transformed by Stockham's algorithm: each pass reads one array and writes another,
//! in an order that leaves the result sorted. Passes are in radix 4; the last one is in radix 8 if
//! the length is no power of 4.

use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use rustfft::num_complex::Complex;

use super::doubles::{Doubles, Four, Parted, WIDE_LANES};

/// Four complex numbers: their real parts, and their imaginary parts. A block fills a line of the
/// processor's cache: vectors that lie across two lines take twice as long.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Block([Four; 2]);

/// The turns of a butterfly: cosine and sine of one, two and three times an angle.
type Turns = [[f64; 2]; 3];

/// What all transforms of one length share.
pub struct Fourier {
    columns: [Column; 2],
    /// The window, halved, for samples with even indices and for those with odd ones; in the order
    /// in which it is used.
    window: Vec<Block>,
    /// What the transforms of the first columns are turned by, in the order in which it is used.
    turns: Vec<Block>,
    /// Cosines and sines of the angles of the bins, up to half of them.
    angles: Vec<Block>,
}

/// How columns of one length are transformed.
struct Column {
    length: usize,
    /// The turns of each pass but the last.
    passes: Vec<Vec<Turns>>,
}

/// The numbers of one transform, and room for the passes over a column.
pub struct Numbers {
    all: Vec<Block>,
    rooms: [Vec<Block>; 2],
}

/// The cosine and the sine of a share of a whole turn backwards.
fn turned(part: usize, whole: usize) -> [f64; 2] {
    let angle = -std::f64::consts::TAU * part as f64 / whole as f64;
    [angle.cos(), angle.sin()]
}

fn blocks(n: usize, number: impl Fn(usize) -> [f64; 2]) -> Vec<Block> {
    let block = |i: usize| {
        let four: [[f64; 2]; WIDE_LANES] = std::array::from_fn(|l| number(WIDE_LANES * i + l));
        Block([0, 1].map(|part| four.map(|number| number[part])))
    };
    (0..n / WIDE_LANES).map(block).collect()
}

impl Column {
    fn new(length: usize) -> Self {
        let lengths = std::iter::successors(Some(length), |length| Some(length / 4));
        let turns = |length: usize| {
            let turns = |place| [1, 2, 3].map(|times| turned(times * place, length));
            (0..length / 4).map(turns).collect()
        };
        let passes = lengths.take_while(|&length| length > 8).map(turns);
        Self {
            length,
            passes: passes.collect(),
        }
    }
}

impl Fourier {
    /// Whether frames of this length can be transformed.
    #[must_use]
    pub fn takes(length: usize) -> bool {
        length.is_power_of_two() && (512..=32768).contains(&length)
    }

    /// The tables for frames as long as the window, which must be a length it
    /// [takes](Fourier::takes).
    #[must_use]
    pub fn new(window: &[f64]) -> Self {
        let n = window.len() / 2;
        let rows = 1 << (n.ilog2() / 2);
        let columns = n / rows;
        // Four columns are handled together, row by row.
        let place = |i: usize| {
            let (lane, block) = (i % WIDE_LANES, i / WIDE_LANES);
            [block % rows, WIDE_LANES * (block / rows) + lane]
        };
        Self {
            columns: [Column::new(rows), Column::new(columns)],
            window: blocks(n, |i| {
                let [row, column] = place(i);
                let first = 2 * (row * columns + column);
                [0.5 * window[first], 0.5 * window[first + 1]]
            }),
            turns: blocks(n, |i| {
                let [row, column] = place(i);
                turned(column * row, n)
            }),
            angles: blocks(n / 2, |bin| turned(bin, 2 * n)),
        }
    }

    /// Room to transform one frame at a time.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        let zeros = |n| vec![Block([[0.0; WIDE_LANES]; 2]); n];
        Numbers {
            all: zeros(self.window.len()),
            rooms: [0, 1].map(|_| zeros(self.columns[1].length)),
        }
    }

    /// The complex value of a bin.
    #[must_use]
    pub fn bin(&self, numbers: &Numbers, bin: usize) -> Complex<f64> {
        let n = WIDE_LANES * self.window.len();
        let half = WIDE_LANES * self.angles.len();
        let [re, im] = numbers.number(bin % n);
        let [mirror_re, mirror_im] = numbers.number((n - bin) % n);
        let [cos, sin] = match bin.cmp(&half) {
            Ordering::Less => number(&self.angles, bin),
            Ordering::Equal => [0.0, -1.0],
            Ordering::Greater if bin == n => [-1.0, 0.0],
            Ordering::Greater => {
                let [cos, sin] = number(&self.angles, n - bin);
                [-cos, sin]
            }
        };
        unpacked_bin([re, im, mirror_re, mirror_im], cos, sin)
    }
}

fn number(blocks: &[Block], i: usize) -> [f64; 2] {
    blocks[i / WIDE_LANES].0.map(|part| part[i % WIDE_LANES])
}

impl Numbers {
    fn number(&self, i: usize) -> [f64; 2] {
        number(&self.all, i)
    }
}

/// What a pass reads.
trait Source {
    /// Number of vectors.
    fn len(&self) -> usize;
    /// The vector at an index, which must be below the number of vectors. The caller is compiled
    /// for the vector's instructions.
    unsafe fn load<D: Doubles>(&self, at: usize) -> [D; 2];
}

#[inline(always)]
unsafe fn load<D: Doubles>(block: &Block) -> [D; 2] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { [D::load(&block.0[0]), D::load(&block.0[1])] }
}

#[inline(always)]
unsafe fn store<D: Doubles>(number: [D; 2], block: &mut Block) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        number[0].store(&mut block.0[0]);
        number[1].store(&mut block.0[1]);
    }
}

impl Source for &[Block] {
    #[inline(always)]
    fn len(&self) -> usize {
        <[Block]>::len(self)
    }
    #[inline(always)]
    unsafe fn load<D: Doubles>(&self, at: usize) -> [D; 2] {
        // SAFETY: the index is below the length, and the caller is compiled for the vector's
        // instructions.
        unsafe { load(self.get_unchecked(at)) }
    }
}

/// Every so manyth block, from the first one on.
struct Strided<'a> {
    blocks: &'a [Block],
    stride: usize,
}

impl Source for Strided<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.blocks.len().div_ceil(self.stride)
    }
    #[inline(always)]
    unsafe fn load<D: Doubles>(&self, at: usize) -> [D; 2] {
        // SAFETY: the index is below the number of blocks over the stride, and the caller is
        // compiled for the vector's instructions.
        unsafe { load(self.blocks.get_unchecked(at.wrapping_mul(self.stride))) }
    }
}

/// Every so manyth block of samples, two of which are a number, times blocks of the window.
struct Windowed<'a, S> {
    samples: &'a [[S; 2 * WIDE_LANES]],
    window: &'a [Block],
    stride: usize,
}

impl<S: Parted> Source for Windowed<'_, S> {
    #[inline(always)]
    fn len(&self) -> usize {
        let samples = self.samples.len().div_ceil(self.stride);
        samples.min(self.window.len())
    }
    #[inline(always)]
    unsafe fn load<D: Doubles>(&self, at: usize) -> [D; 2] {
        // SAFETY: the index is below the number of blocks of the window, and of those of samples
        // over the stride. The caller is compiled for the vector's instructions.
        unsafe {
            let samples = self.samples.get_unchecked(at.wrapping_mul(self.stride));
            let [even, odd] = S::parted::<D>(samples);
            let [re, im] = load::<D>(self.window.get_unchecked(at));
            [even.mul(re), odd.mul(im)]
        }
    }
}

#[inline(always)]
unsafe fn sum<D: Doubles>(a: [D; 2], b: [D; 2]) -> [D; 2] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { [a[0].add(b[0]), a[1].add(b[1])] }
}

#[inline(always)]
unsafe fn difference<D: Doubles>(a: [D; 2], b: [D; 2]) -> [D; 2] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { [a[0].sub(b[0]), a[1].sub(b[1])] }
}

#[inline(always)]
unsafe fn product<D: Doubles>(a: [D; 2], b: [D; 2]) -> [D; 2] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        [
            a[0].mul(b[0]).sub(a[1].mul(b[1])),
            a[0].mul(b[1]).add(a[1].mul(b[0])),
        ]
    }
}

/// The transform of four numbers.
#[inline(always)]
unsafe fn four<D: Doubles>([a, b, c, d]: [[D; 2]; 4]) -> [[D; 2]; 4] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (even, odd) = (sum(a, c), sum(b, d));
        let (even_rest, odd_rest) = (difference(a, c), difference(b, d));
        [
            sum(even, odd),
            // A quarter of a turn swaps real and imaginary parts.
            [even_rest[0].add(odd_rest[1]), even_rest[1].sub(odd_rest[0])],
            difference(even, odd),
            [even_rest[0].sub(odd_rest[1]), even_rest[1].add(odd_rest[0])],
        ]
    }
}

/// The transform of eight numbers.
#[inline(always)]
unsafe fn eight<D: Doubles>(numbers: [[D; 2]; 8]) -> [[D; 2]; 8] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let even = four([numbers[0], numbers[2], numbers[4], numbers[6]]);
        let odd = four([numbers[1], numbers[3], numbers[5], numbers[7]]);
        let root = D::splat(std::f64::consts::FRAC_1_SQRT_2);
        // Turned by no eighth, by one, two and three.
        let first = odd[0];
        let [re, im] = odd[1];
        let second = [re.add(im).mul(root), im.sub(re).mul(root)];
        let [re, im] = odd[3];
        let fourth = [im.sub(re).mul(root), re.add(im).mul(root)];
        let [re, im] = odd[2];
        [
            sum(even[0], first),
            sum(even[1], second),
            [even[2][0].add(im), even[2][1].sub(re)],
            [even[3][0].add(fourth[0]), even[3][1].sub(fourth[1])],
            difference(even[0], first),
            difference(even[1], second),
            [even[2][0].sub(im), even[2][1].add(re)],
            [even[3][0].sub(fourth[0]), even[3][1].add(fourth[1])],
        ]
    }
}

/// A pass in radix 4. Of each block, `together` vectors have the same turns.
#[inline(always)]
unsafe fn pass<D: Doubles>(turns: &[Turns], together: usize, from: &impl Source, to: &mut [Block]) {
    let quarter = turns.len() * together;
    assert!(from.len() == 4 * quarter && to.len() >= 4 * quarter);
    let (mut source, mut place) = (0_usize, 0_usize);
    for (block, turns) in turns.iter().enumerate() {
        // SAFETY: the caller is compiled for the vector's instructions. `source` counts up to a
        // quarter of the vectors. `place` counts up to the first quarter of each block, and all
        // blocks have as many vectors as there are.
        unsafe {
            let mut wide = [[D::splat(0.0); 2]; 3];
            for k in 0..3 {
                wide[k] = [D::splat(turns[k][0]), D::splat(turns[k][1])];
            }
            for _ in 0..together {
                let mut numbers = [[D::splat(0.0); 2]; 4];
                let mut at = source;
                for number in &mut numbers {
                    *number = from.load(at);
                    at = at.wrapping_add(quarter);
                }
                let mut found = four(numbers);
                // The first block is not turned.
                if block > 0 {
                    for k in 0..3 {
                        found[k + 1] = product(found[k + 1], wide[k]);
                    }
                }
                let mut at = place;
                for number in found {
                    store(number, to.get_unchecked_mut(at));
                    at = at.wrapping_add(together);
                }
                source = source.wrapping_add(1);
                place = place.wrapping_add(1);
            }
            place = place.wrapping_add(together.wrapping_mul(3));
        }
    }
}

/// All passes over a column but the last. The result is in the first room.
#[inline(always)]
unsafe fn passes<D: Doubles>(column: &Column, from: &impl Source, rooms: &mut [Vec<Block>; 2]) {
    let [now, next] = rooms;
    if let Some((first, others)) = column.passes.split_first() {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe { pass::<D>(first, 1, from, now) };
        let mut together = 4;
        for turns in others {
            // SAFETY: the caller is compiled for the vector's instructions.
            unsafe { pass::<D>(turns, together, &&now[..column.length], next) };
            std::mem::swap(now, next);
            together *= 4;
        }
    }
}

/// The last pass over a column. A vector is written every `stride` blocks.
#[inline(always)]
unsafe fn last_pass<D: Doubles>(column: &Column, from: &[Block], to: &mut [Block], stride: usize) {
    let length = column.length;
    assert!(from.len() >= length && to.len().div_ceil(stride) >= length);
    let is_eight = length.ilog2() % 2 == 1;
    let together = length / if is_eight { 8 } else { 4 };
    let step = together.wrapping_mul(stride);
    for i in 0..together {
        let (mut source, mut place) = (i, i.wrapping_mul(stride));
        // SAFETY: the caller is compiled for the vector's instructions. A place is below the number
        // of vectors, times the stride.
        unsafe {
            if is_eight {
                let mut numbers = [[D::splat(0.0); 2]; 8];
                for number in &mut numbers {
                    *number = load(from.get_unchecked(source));
                    source = source.wrapping_add(together);
                }
                for number in eight(numbers) {
                    store(number, to.get_unchecked_mut(place));
                    place = place.wrapping_add(step);
                }
            } else {
                let mut numbers = [[D::splat(0.0); 2]; 4];
                for number in &mut numbers {
                    *number = load(from.get_unchecked(source));
                    source = source.wrapping_add(together);
                }
                for number in four(numbers) {
                    store(number, to.get_unchecked_mut(place));
                    place = place.wrapping_add(step);
                }
            }
        }
    }
}

/// Multiplies a frame by the window and transforms it.
///
/// # Safety
/// The caller is compiled for the instructions of `D`.
#[inline(always)]
pub(super) unsafe fn transform<D: Doubles, S: Parted>(
    tables: &Fourier,
    samples: &[S],
    numbers: &mut Numbers,
) {
    let [rows, columns] = &tables.columns;
    let Numbers { all, rooms } = numbers;
    let (samples, _) = samples.as_chunks::<{ 2 * WIDE_LANES }>();
    let stride = columns.length / WIDE_LANES;
    let to_stride = rows.length / WIDE_LANES;
    let turns = tables.turns.chunks_exact(rows.length);
    let windows = tables.window.chunks_exact(rows.length);
    for (group, (turns, window)) in turns.zip(windows).enumerate() {
        let from = Windowed {
            samples: &samples[group..],
            window,
            stride,
        };
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            passes::<D>(rows, &from, rooms);
            let [now, next] = rooms;
            last_pass::<D>(rows, now, next, 1);
            let to = &mut all[WIDE_LANES * group * to_stride..][..WIDE_LANES * to_stride];
            turn::<D>(&next[..rows.length], turns, to);
        }
    }
    for group in 0..to_stride {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let from = Strided {
                blocks: &all[group..],
                stride: to_stride,
            };
            passes::<D>(columns, &from, rooms);
            last_pass::<D>(columns, &rooms[0], &mut all[group..], to_stride);
        }
    }
}

/// Turns the transforms of four columns and writes them as four rows.
#[inline(always)]
unsafe fn turn<D: Doubles>(columns: &[Block], turns: &[Block], rows: &mut [Block]) {
    let stride = rows.len() / WIDE_LANES;
    let (columns, _) = columns.as_chunks::<WIDE_LANES>();
    let (turns, _) = turns.as_chunks::<WIDE_LANES>();
    for (i, (columns, turns)) in columns.iter().zip(turns).enumerate() {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe {
            let mut parts = [[D::splat(0.0); WIDE_LANES]; 2];
            for k in 0..WIDE_LANES {
                let turned = product(load::<D>(&columns[k]), load::<D>(&turns[k]));
                parts[0][k] = turned[0];
                parts[1][k] = turned[1];
            }
            let (re, im) = (D::transposed(parts[0]), D::transposed(parts[1]));
            for k in 0..WIDE_LANES {
                store([re[k], im[k]], &mut rows[k * stride + i]);
            }
        }
    }
}

/// The powers and the magnitudes of the bins of a real signal, the samples of which were transformed
/// in pairs. Returns the largest power.
///
/// Even samples were packed as real parts and odd ones as imaginary parts. The transform of the
/// even samples is the symmetric half of the packed transform. That of the odd samples is its
/// antisymmetric half, turned by the angle. The bin at the mirrored index is the difference of the
/// two where this one is their sum.
///
/// # Safety
/// The caller is compiled for the instructions of `D`.
#[inline(always)]
pub(super) unsafe fn power<D: Doubles>(
    tables: &Fourier,
    numbers: &Numbers,
    powers: &mut [f32],
    magnitudes: &mut [f32],
) -> f32 {
    let numbers = &numbers.all[..];
    let n = WIDE_LANES * numbers.len();
    let (powers, magnitudes) = (&mut powers[..=n], &mut magnitudes[..=n]);
    // The bin that mirrors itself.
    let [re, im] = number(numbers, n / 2).map(|part| 2.0 * part);
    let middle = re * re + im * im;
    let mut largest = [middle; WIDE_LANES];
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let mut highest = D::load(&largest);
        for (i, angles) in tables.angles.iter().enumerate() {
            let mirror = numbers.len() - 1 - i;
            let after = if i == 0 { 0 } else { mirror + 1 };
            let [re, im] = load::<D>(&numbers[i]);
            let (last, next) = (load::<D>(&numbers[mirror]), load::<D>(&numbers[after]));
            let [mirror_re, mirror_im] = [last[0].mirrored(next[0]), last[1].mirrored(next[1])];
            let even = [re.add(mirror_re), im.sub(mirror_im)];
            let odd = product([im.add(mirror_im), mirror_re.sub(re)], load::<D>(angles));
            let (low, high) = (squared(sum(even, odd)), squared(difference(even, odd)));
            highest = highest.max(low).max(high);
            let bin = WIDE_LANES * i;
            let places = (
                powers[bin..].first_chunk_mut(),
                magnitudes[bin..].first_chunk_mut(),
            );
            if let (Some(power), Some(magnitude)) = places {
                low.store_single(power, magnitude);
            }
            let end = n - bin;
            let places = (
                powers[..=end].last_chunk_mut(),
                magnitudes[..=end].last_chunk_mut(),
            );
            if let (Some(power), Some(magnitude)) = places {
                high.reversed().store_single(power, magnitude);
            }
        }
        highest.store(&mut largest);
    }
    powers[n / 2] = middle as f32;
    magnitudes[n / 2] = powers[n / 2].sqrt();
    largest.into_iter().fold(0.0, f64::max) as f32
}

#[inline(always)]
unsafe fn squared<D: Doubles>([re, im]: [D; 2]) -> D {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { re.mul(re).add(im.mul(im)) }
}

/// Twice a bin of the spectrum of a real signal. The first argument has the real and imaginary
/// parts of the complex number at the bin's index and of the one at the mirrored index; `cos` and
/// `sin` are those of the bin's angle.
///
/// Even samples were packed as real parts and odd ones as imaginary parts. The transform of the
/// even samples is the symmetric half of the packed transform. That of the odd samples is its
/// antisymmetric half, turned by the angle.
#[inline(always)]
pub(crate) fn unpacked_bin<R>([re, im, mirror_re, mirror_im]: [R; 4], cos: R, sin: R) -> Complex<R>
where
    R: Copy + Add<Output = R> + Sub<Output = R> + Mul<Output = R>,
{
    let (even_re, even_im) = (re + mirror_re, im - mirror_im);
    let (odd_re, odd_im) = (im + mirror_im, mirror_re - re);
    Complex::new(
        even_re + (odd_re * cos - odd_im * sin),
        even_im + (odd_re * sin + odd_im * cos),
    )
}
