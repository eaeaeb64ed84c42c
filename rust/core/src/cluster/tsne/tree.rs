//! A quadtree over points in the plane, for sums over all points of which far ones are taken
//! together.
//!
//! Points are sorted along Hilbert's curve, so that every cell of the tree is a run of points, and
//! every few points in a row lie close together.

use crate::simd::Body;

/// A leaf has at most so many points, unless they are too close together to be told apart.
const LEAF: usize = 8;

/// Bits of a place on the curve for each coordinate, and so the largest depth of the tree.
const BITS: u32 = 16;

/// A cell of the tree, as a point with the mass of all its points.
struct Cell {
    body: Body,
    /// The square of the longer side of the box around its points.
    size: f32,
    /// The cell after all cells inside this one; the next one if this is a leaf.
    next: u32,
    /// Its points.
    first: u32,
    end: u32,
}

/// Points along the curve, and the cells from the root down, each before those inside it.
#[derive(Default)]
pub(super) struct Tree {
    /// For each place on the curve the index of its point.
    pub(super) order: Vec<u32>,
    /// The points along the curve, with mass 1.
    pub(super) bodies: Vec<Body>,
    keys: Vec<u64>,
    cells: Vec<Cell>,
    depths: Vec<u32>,
}

impl Tree {
    /// Makes this the tree of points, in the memory of the one before.
    pub(super) fn build(&mut self, points: &[[f32; 2]]) {
        self.sort(points);
        self.split();
        self.gather();
    }

    fn sort(&mut self, points: &[[f32; 2]]) {
        let (low, high) = bounds(points.iter().copied());
        let side = (high[0] - low[0]).max(high[1] - low[1]);
        let most = ((1_u32 << BITS) - 1) as f32;
        let scale = if side > 0.0 { most / side } else { 0.0 };
        self.keys.clear();
        self.keys
            .extend(points.iter().enumerate().map(|(i, point)| {
                let [x, y] =
                    [0, 1].map(|axis| ((point[axis] - low[axis]) * scale).min(most) as u32);
                u64::from(along_curve(x, y)) << 32 | i as u64
            }));
        self.keys.sort_unstable();
        self.order.clear();
        self.order.extend(self.keys.iter().map(|&key| key as u32));
        self.bodies.clear();
        let bodies = self.order.iter().map(|&i| points[i as usize]);
        self.bodies.extend(bodies.map(|[x, y]| [x, y, 1.0, 0.0]));
    }

    /// Makes the cells, without their masses. A cell with points in one quarter only is left out.
    fn split(&mut self) {
        self.cells.clear();
        self.depths.clear();
        let mut waiting = vec![(0, self.keys.len(), 0)];
        while let Some((first, end, depth)) = waiting.pop() {
            self.depths.push(depth);
            self.cells.push(Cell {
                body: [0.0; 4],
                size: 0.0,
                next: 0,
                first: first as u32,
                end: end as u32,
            });
            if end - first <= LEAF {
                continue;
            }
            let place = |i: usize| (self.keys[i] >> 32) as u32;
            let differ = place(first) ^ place(end - 1);
            if differ == 0 {
                continue;
            }
            // The highest pair of bits in which the points differ tells their quarters.
            let shift = differ.ilog2() & !1;
            let mut to = end;
            for quarter in (0..4).rev() {
                let run = &self.keys[first..to];
                let from = first + run.partition_point(|&key| (key >> 32 >> shift & 3) < quarter);
                if from < to {
                    waiting.push((from, to, depth + 1));
                }
                to = from;
            }
        }
    }

    /// Sets where each cell ends, its mass, its centre and its size, from the last cell to the first.
    fn gather(&mut self) {
        // For each depth the first cell seen so far, from the end, that is not deeper.
        let mut after = [self.cells.len() as u32; BITS as usize + 2];
        let mut boxes = vec![([0.0_f32; 2], [0.0_f32; 2]); self.cells.len()];
        for i in (0..self.cells.len()).rev() {
            let depth = self.depths[i] as usize;
            let next = after[depth];
            after[depth..].fill(i as u32);
            let mut sums = [0.0_f64; 3];
            let mut add = |[x, y, mass, _]: Body| {
                let mass = f64::from(mass);
                sums[0] += f64::from(x) * mass;
                sums[1] += f64::from(y) * mass;
                sums[2] += mass;
            };
            if next as usize == i + 1 {
                let run = self.cells[i].first as usize..self.cells[i].end as usize;
                self.bodies[run.clone()].iter().for_each(|&body| add(body));
                boxes[i] = bounds(self.bodies[run].iter().map(|&[x, y, ..]| [x, y]));
            } else {
                let mut inside = i + 1;
                let mut around = boxes[inside];
                while inside < next as usize {
                    add(self.cells[inside].body);
                    around = [around, boxes[inside]]
                        .into_iter()
                        .reduce(joined)
                        .unwrap_or(around);
                    inside = self.cells[inside].next as usize;
                }
                boxes[i] = around;
            }
            let (low, high) = boxes[i];
            let side = (high[0] - low[0]).max(high[1] - low[1]);
            let [x, y, mass] = sums;
            let cell = &mut self.cells[i];
            cell.body = [(x / mass) as f32, (y / mass) as f32, mass as f32, 0.0];
            cell.size = side * side;
            cell.next = next;
        }
    }

    /// Lists the bodies that stand for all points in sums over points of a box. A cell stands for its
    /// points where it is smaller than `theta` times its distance from the box.
    pub(super) fn bodies_for(&self, low: [f32; 2], high: [f32; 2], theta: f32, to: &mut Vec<Body>) {
        to.clear();
        let squared_theta = theta * theta;
        let mut i = 0;
        while let Some(cell) = self.cells.get(i) {
            let off = |axis: usize| {
                let x = cell.body[axis];
                (low[axis] - x).max(x - high[axis]).max(0.0)
            };
            let (dx, dy) = (off(0), off(1));
            if cell.size <= squared_theta * (dx * dx + dy * dy) {
                to.push(cell.body);
                i = cell.next as usize;
            } else {
                if cell.next as usize == i + 1 {
                    to.extend_from_slice(&self.bodies[cell.first as usize..cell.end as usize]);
                }
                i += 1;
            }
        }
    }
}

/// The box around points: its lower and its upper corner.
pub(super) fn bounds(points: impl Iterator<Item = [f32; 2]>) -> ([f32; 2], [f32; 2]) {
    let none = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    points.fold(none, |around, point| joined(around, (point, point)))
}

fn joined((low, high): ([f32; 2], [f32; 2]), other: ([f32; 2], [f32; 2])) -> ([f32; 2], [f32; 2]) {
    (
        [low[0].min(other.0[0]), low[1].min(other.0[1])],
        [high[0].max(other.1[0]), high[1].max(other.1[1])],
    )
}

/// The place of a cell on Hilbert's curve through a grid of 2^16 by 2^16 cells.
///
/// The quarter of each pair of bits, and how the curve is turned in it, come from a table.
pub(super) fn along_curve(x: u32, y: u32) -> u32 {
    // Entries for each of the four ways the curve may be turned, by the bits of x and y: the quarter
    // in its lower two bits, then the way it is turned in there.
    const TABLE: [u8; 16] = turned();
    let mut way = 0;
    let mut place = 0;
    for bit in (0..BITS).rev() {
        let corner = (x >> bit & 1) << 1 | (y >> bit & 1);
        let entry = u32::from(TABLE[(way | corner) as usize & 15]);
        place = place << 2 | entry & 3;
        way = entry & 0b1100;
    }
    place
}

/// The table of [`along_curve`]: the ways are none, x and y swapped, both mirrored, and both.
const fn turned() -> [u8; 16] {
    let mut table = [0; 16];
    let mut entry = 0;
    while entry < 16 {
        let (way, corner) = (entry >> 2, entry & 3);
        let (swapped, mirrored) = (way & 1, way >> 1);
        let (mut x, mut y) = (corner >> 1, corner & 1);
        if mirrored == 1 {
            (x, y) = (1 - x, 1 - y);
        }
        if swapped == 1 {
            (x, y) = (y, x);
        }
        // The curve goes through (0, 0), (0, 1), (1, 1) and (1, 0). It is swapped in the first, and
        // swapped and mirrored in the last.
        let quarter = (3 * x) ^ y;
        let (swaps, mirrors) = match quarter {
            0 => (1, 0),
            3 => (1, 1),
            _ => (0, 0),
        };
        table[entry] = (((mirrored ^ mirrors) << 1 | (swapped ^ swaps)) << 2 | quarter) as u8;
        entry += 1;
    }
    table
}
