// Marks as pixels that are computed once: drawing copies them.

/** Below this radius, in pixels of the screen, shapes can't be told apart and all are discs. */
const LEAST_SHAPE = 2.4;

/** Radius from which a mark has a rim of the surface's colour, which parts it from others. */
const LEAST_RIM = 2.4;

/** How far places are outside of the shapes of OUTLINES, in pixels; inside they are negative. */
const DISTANCES = {
  disc: (x, y, radius) => Math.hypot(x, y) - radius,
  square: (x, y, radius) => Math.max(Math.abs(x), Math.abs(y)) - 0.89 * radius,
  triangle: (x, y, radius) => Math.max(y, (Math.sqrt(3) * Math.abs(x) - y) / 2) - 0.73 * radius,
  diamond: (x, y, radius) => (Math.abs(x) + Math.abs(y)) / Math.SQRT2 - 0.905 * radius,
  cross: (x, y, radius) => {
    const [a, b] = [Math.abs(x + y) / Math.SQRT2, Math.abs(x - y) / Math.SQRT2];
    return Math.max(Math.max(a, b) - 1.29 * radius, Math.min(a, b) - 0.34 * radius);
  },
};

/** How much of a pixel is covered by a shape that its middle is so far outside of: 0 to 1. */
const covered = (distance) => Math.min(1, Math.max(0, 0.5 - distance));

/**
 * The pixels of a shape: {at: [[dx, dy]], core, all}, with how much of each is covered by the
 * shape and by the shape with its rim.
 */
function maskOf(shape, radius, rim) {
  const reach = Math.ceil(1.5 * radius + rim + 1);
  const mask = {at: [], core: [], all: []};
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const distance = DISTANCES[shape](dx, dy, radius);
      const all = covered(distance - rim);
      if (all === 0) continue;
      mask.at.push([dx, dy]);
      mask.core.push(covered(distance));
      mask.all.push(all);
    }
  }
  return mask;
}

/**
 * Marks as stamps for a buffer of 32-bit pixels with rows of `stride` pixels.
 *
 * The pixels of all stamps stand one after the other. Stamp s has those from starts[s] up to
 * edges[s], which are covered wholly, and from there up to starts[s + 1], through which `rest`
 * (of 256) of what is below shows. `offset` is a pixel's place from the middle of its stamp,
 * and `color` what it adds. `reach` is how far stamps go from their middle, in pixels.
 */
function stampsOf(marks, radius, rim, surface, stride) {
  const masks = new Map();
  const [starts, edges, offset, color, rest] = [[], [], [], [], []];
  let reach = 0;
  for (const {shape, rgb} of marks) {
    if (!masks.has(shape)) masks.set(shape, maskOf(shape, radius, rim));
    const mask = masks.get(shape);
    starts.push(offset.length);
    for (const whole of [true, false]) {
      if (!whole) edges.push(offset.length);
      mask.at.forEach(([dx, dy], i) => {
        if ((mask.all[i] === 1) !== whole) return;
        reach = Math.max(reach, Math.abs(dx), Math.abs(dy));
        offset.push(dy * stride + dx);
        color.push(pixelOf(rgb, surface, mask.core[i], mask.all[i]));
        rest.push(256 - Math.round(256 * mask.all[i]));
      });
    }
  }
  starts.push(offset.length);
  return {
    starts: Int32Array.from(starts), edges: Int32Array.from(edges), offset: Int32Array.from(offset),
    color: Uint32Array.from(color), rest: Int32Array.from(rest), reach,
  };
}

/** A mark's share of a pixel: its colour where it is, and the surface's where its rim is. */
function pixelOf(rgb, surface, core, all) {
  const whole = Math.round(256 * all);
  const inner = Math.round(256 * core);
  const [red, green, blue] = rgb.map((part, i) => (part * inner + surface[i] * (whole - inner)) >> 8);
  return opaque(red, green, blue);
}

/** A pixel as ImageData has it on machines whose least byte comes first, as all now do. */
function opaque(red, green, blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
