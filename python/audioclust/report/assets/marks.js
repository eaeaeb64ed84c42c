// How clusters look: a colour and a shape each.

const SHAPES = ["disc", "square", "triangle", "diamond"];
const NO_GROUP = "#808080";

/** The colour and the shape of a cluster. */
function markOf(data, number) {
  if (number < 0) return {color: NO_GROUP, shape: "cross"};
  const n = data.palette.length;
  return {color: data.palette[number % n], shape: SHAPES[(number + Math.floor(number / n)) % SHAPES.length]};
}
