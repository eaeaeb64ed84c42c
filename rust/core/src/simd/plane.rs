//! Forces between points in a plane.

use super::vector::{LANES, Vector};

/// What pushes points away: its x, its y and its mass. The last number has no meaning.
pub type Body = [f32; 4];

#[inline(always)]
pub(super) unsafe fn repulsion<V: Vector>(
    bodies: &[Body],
    points: &[[f32; LANES]; 2],
    sums: &mut [[f32; LANES]; 3],
) {
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let (x, y) = (V::load(&points[0]), V::load(&points[1]));
        let one = V::splat(1.0);
        // Two bodies at a time share a division, which takes longest: 1/a = b/ab and 1/b = a/ab.
        let mut totals = [[V::splat(0.0); 3]; 2];
        let (pairs, rest) = bodies.as_chunks::<2>();
        let add = |pair: &[Body; 2], totals: &mut [[V; 3]; 2]| {
            let off = pair.map(|body| [x.sub(V::splat(body[0])), y.sub(V::splat(body[1]))]);
            let squares = off.map(|[dx, dy]| one.add(dx.mul(dx)).add(dy.mul(dy)));
            let inverse = one.div(squares[0].mul(squares[1]));
            let near = [squares[1].mul(inverse), squares[0].mul(inverse)];
            for way in 0..2 {
                let weight = near[way].mul(V::splat(pair[way][2]));
                let push = weight.mul(near[way]);
                totals[way][0] = totals[way][0].add(weight);
                totals[way][1] = totals[way][1].add(push.mul(off[way][0]));
                totals[way][2] = totals[way][2].add(push.mul(off[way][1]));
            }
        };
        for pair in pairs {
            add(pair, &mut totals);
        }
        if let [last] = rest {
            add(&[*last, [last[0], last[1], 0.0, 0.0]], &mut totals);
        }
        for (sum, (a, b)) in sums.iter_mut().zip(totals[0].into_iter().zip(totals[1])) {
            a.add(b).store(sum);
        }
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
        let mut sums = [V::splat(0.0); 2];
        for (indices, shares) in indices.chunks(LANES).zip(shares.chunks(LANES)) {
            let mut places = [[0.0; LANES]; 2];
            for (l, &index) in indices.iter().enumerate() {
                let point = plane[index as usize];
                (places[0][l], places[1][l]) = (point[0], point[1]);
            }
            let (dx, dy) = (x.sub(V::load(&places[0])), y.sub(V::load(&places[1])));
            let squares = one.add(dx.mul(dx)).add(dy.mul(dy));
            let weight = V::load_part(shares, 0.0).div(squares);
            sums = [sums[0].add(weight.mul(dx)), sums[1].add(weight.mul(dy))];
        }
        sums.map(|sum| sum.total())
    }
}
