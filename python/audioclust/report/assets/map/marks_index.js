// Which marks lie under a name on the map.

/** Cells along each side of the map in which marks are looked up. */
const INDEX_CELLS = 128;

/** Marks that are looked up, at most: a part of very many says as much. */
const INDEX_MARKS = 20000;

/** An index of the marks by their places. It returns {under()}. */
function createMarksIndex(data, view) {
  const {u, v} = view;
  const step = Math.max(1, Math.ceil(data.n / INDEX_MARKS));
  const place = (value) => Math.min(INDEX_CELLS - 1, Math.max(0, Math.floor((value + 0.5) * INDEX_CELLS)));
  const cells = Array.from({length: INDEX_CELLS ** 2}, () => []);
  for (let item = 0; item < data.n; item += step) {
    if (Number.isFinite(u[item] + v[item])) cells[place(v[item]) * INDEX_CELLS + place(u[item])].push(item);
  }

  /**
   * How many marks of a group, and of all others, are in a box or within pixels of it. What is in
   * no group is not counted: no name is taken for its own.
   */
  function under([left, top, right, bottom], around, number) {
    const [u0, u1] = [view.fromX(left - around), view.fromX(right + around)];
    const [v0, v1] = [view.fromY(top - around), view.fromY(bottom + around)];
    let [own, others] = [0, 0];
    for (let row = place(v0); row <= place(v1); row++) {
      for (let column = place(u0); column <= place(u1); column++) {
        for (const item of cells[row * INDEX_CELLS + column]) {
          if (u[item] < u0 || u[item] > u1 || v[item] < v0 || v[item] > v1) continue;
          if (data.cluster[item] === number) own += 1;
          else if (data.cluster[item] >= 0) others += 1;
        }
      }
    }
    return {own, others};
  }

  return {under};
}
