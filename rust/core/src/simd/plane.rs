//! Forces between points in a plane.

use super::vector::{LANES, Vector};

/// What pushes points away: its x, its y and its mass. The last number has no meaning.
pub type Body = [f32; 4];

/// Number of neighbours whose places are gathered before any of them is used. Numbers that are used
/// as a vector right after they were stored one by one must be waited for.
const GATHERED: usize = 8 * LANES;

#[inline(always)]
pub(super) unsafe fn repulsion<V: Vector>(
    bodies: &[Body],
    points: &[[f32; LANES]; 2],
    sums: &mut [[f32; LANES]; 3],
) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let at = [V::load(&points[0]), V::load(&points[1])];
        let mut totals = [[V::splat(0.0); 3]; 2];
        let (pairs, rest) = bodies.as_chunks::<2>();
        for pair in pairs {
            push(pair, at, &mut totals);
        }
        if let [last] = rest {
            let nothing = [last[0], last[1], 0.0, 0.0];
            push(&[*last, nothing], at, &mut totals);
        }
        for (i, sum) in sums.iter_mut().enumerate() {
            totals[0][i].add(totals[1][i]).store(sum);
        }
    }
}

/// Adds what two bodies contribute. They share a division, which takes longest: 1/a = b/ab and
/// 1/b = a/ab.
#[inline(always)]
unsafe fn push<V: Vector>(pair: &[Body; 2], [x, y]: [V; 2], totals: &mut [[V; 3]; 2]) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let one = V::splat(1.0);
        let (dx, dy) = (x.sub(V::splat(pair[0][0])), y.sub(V::splat(pair[0][1])));
        let (ex, ey) = (x.sub(V::splat(pair[1][0])), y.sub(V::splat(pair[1][1])));
        let a = one.add(dx.mul(dx)).add(dy.mul(dy));
        let b = one.add(ex.mul(ex)).add(ey.mul(ey));
        let inverse = one.div(a.mul(b));
        let (near, other) = (b.mul(inverse), a.mul(inverse));
        let (weight, second) = (
            near.mul(V::splat(pair[0][2])),
            other.mul(V::splat(pair[1][2])),
        );
        let (push, back) = (weight.mul(near), second.mul(other));
        totals[0][0] = totals[0][0].add(weight);
        totals[1][0] = totals[1][0].add(second);
        totals[0][1] = totals[0][1].add(push.mul(dx));
        totals[1][1] = totals[1][1].add(back.mul(ex));
        totals[0][2] = totals[0][2].add(push.mul(dy));
        totals[1][2] = totals[1][2].add(back.mul(ey));
    }
}

#[inline(always)]
pub(super) unsafe fn attraction<V: Vector>(
    plane: &[[f32; 2]],
    at: [f32; 2],
    indices: &[u32],
    shares: &[f32],
) -> [f32; 2] {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (x, y, one) = (V::splat(at[0]), V::splat(at[1]), V::splat(1.0));
        let (mut pull_x, mut pull_y) = (V::splat(0.0), V::splat(0.0));
        let mut places = [[[0.0; LANES]; GATHERED / LANES]; 2];
        let [xs, ys] = &mut places;
        for (indices, shares) in indices.chunks(GATHERED).zip(shares.chunks(GATHERED)) {
            let all = xs.as_flattened_mut().iter_mut().zip(ys.as_flattened_mut());
            for ((x, y), &index) in all.zip(indices) {
                [*x, *y] = plane[index as usize];
            }
            for (l, shares) in shares.chunks(LANES).enumerate() {
                let (dx, dy) = (x.sub(V::load(&xs[l])), y.sub(V::load(&ys[l])));
                let squares = one.add(dx.mul(dx)).add(dy.mul(dy));
                let weight = V::load_part(shares, 0.0).div(squares);
                pull_x = pull_x.add(weight.mul(dx));
                pull_y = pull_y.add(weight.mul(dy));
            }
        }
        [pull_x.total(), pull_y.total()]
    }
}
