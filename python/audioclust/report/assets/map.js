// The map: all items as discs, drawn into the pixels of a canvas.

/** Draw the map into an element. */
function createMap(data, store, player, root) {
  if (data.x === null) {
    root.hidden = true;
    return;
  }
  root.append(element("canvas"));
}
