// What a mouse, a pen or fingers do on the map.

/** Pixels that a pointer may move during a click. */
const STILL = 4;

/** Pixels within which something is pointed at: by a pointer, and by a finger. */
const REACH = {mouse: 12, pen: 12, touch: 24};

/** Milliseconds after the last turn of a wheel until the view is kept in the state. */
const WHEEL_REST = 200;

/** Let the ground of the map, where marks and names are, be used with pointers. */
function createGestures(map, ground) {
  const {view, store, collector} = map;
  const pointers = new Map();
  let gesture = null; // {tool, x, y, moved} while a button or a finger is down.
  let rest = 0;

  const placeOf = (event) => {
    const box = ground.getBoundingClientRect();
    return {x: event.clientX - box.left, y: event.clientY - box.top};
  };
  const onName = (event) => event.target.closest?.(".map-name") !== null;

  ground.addEventListener("wheel", (event) => {
    event.preventDefault();
    const turn = (event.deltaY || event.deltaX) * [1, 16, 400][event.deltaMode];
    if (event.shiftKey && store.state.tool === "lens") return collector.resizeLens(Math.exp(-turn * 0.002));
    const {x, y} = placeOf(event);
    map.stop();
    view.zoomAt(x, y, Math.exp(-turn * (event.ctrlKey ? 0.01 : 0.002)));
    map.redraw({points: true});
    clearTimeout(rest);
    rest = setTimeout(map.keep, WHEEL_REST);
  }, {passive: false});

  ground.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    const at = placeOf(event);
    pointers.set(event.pointerId, at);
    map.stop();
    if (pointers.size > 1) {
      if (gesture?.tool === "lasso" && gesture.moved) collector.clear();
      gesture = {tool: "pinch", moved: true};
      return;
    }
    // The middle button moves the map whatever the tool.
    gesture = {tool: event.button === 1 ? "pan" : store.state.tool, ...at, moved: false};
    if (event.button === 1) event.preventDefault();
  });

  ground.addEventListener("pointermove", (event) => {
    const at = placeOf(event);
    if (event.buttons === 0) forget(event.pointerId);
    const before = pointers.get(event.pointerId);
    if (before === undefined) return hover(event, at);
    if (gesture.tool === "pinch") pinch(event.pointerId, before, at);
    else drag(event, before, at);
    pointers.set(event.pointerId, at);
  });

  /** A button that was let go elsewhere is not down any more. */
  function forget(id) {
    if (pointers.delete(id)) gesture = pointers.size === 0 ? null : {tool: "pan", moved: true};
  }

  function drag(event, before, at) {
    if (!gesture.moved) {
      if (Math.hypot(at.x - gesture.x, at.y - gesture.y) < STILL) return;
      gesture.moved = true;
      before = gesture;
      ground.setPointerCapture(event.pointerId);
      store.set({hovered: -1});
      if (gesture.tool === "lasso") collector.clear();
    }
    if (gesture.tool === "pan") {
      view.panBy(at.x - before.x, at.y - before.y);
      map.redraw({points: true});
    } else if (gesture.tool === "lasso") {
      if (collector.corners.length === 0) collector.addCorner(view.fromX(before.x), view.fromY(before.y));
      collector.addCorner(view.fromX(at.x), view.fromY(at.y));
    } else {
      collector.isDown = true;
      collector.lensTo(view.fromX(at.x), view.fromY(at.y));
    }
  }

  /** Two fingers: what is between them stays between them. */
  function pinch(id, before, at) {
    const other = [...pointers].find(([one]) => one !== id)?.[1];
    if (!other) return;
    const middle = (one) => ({x: (one.x + other.x) / 2, y: (one.y + other.y) / 2});
    const apart = (one) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
    const [from, to] = [middle(before), middle(at)];
    view.zoomAt(from.x, from.y, apart(at) / apart(before), to.x, to.y);
    map.redraw({points: true});
  }

  function hover(event, at) {
    if (event.pointerType === "touch") return;
    if (store.state.tool === "lens") {
      if (!collector.isDown) collector.lensTo(view.fromX(at.x), view.fromY(at.y));
      return;
    }
    const item = onName(event) ? -1 : map.nearest(at.x, at.y, REACH[event.pointerType] ?? 12);
    store.set({hovered: item});
  }

  const release = (event) => {
    if (!pointers.delete(event.pointerId) || gesture === null) return;
    const {tool, moved} = gesture;
    if (pointers.size > 0) {
      // One finger stays after a pinch: it goes on moving the map, and was no tap.
      gesture = {tool: "pan", moved: true};
      return;
    }
    gesture = null;
    if (moved && (tool === "pan" || tool === "pinch")) map.keep();
    else if (moved && tool === "lasso") collector.endLasso();
    else if (!moved && event.type === "pointerup" && event.button === 0 && !onName(event)) tap(event, tool);
  };
  ground.addEventListener("pointerup", release);
  ground.addEventListener("pointercancel", release);

  function tap(event, tool) {
    const {x, y} = placeOf(event);
    if (tool === "lens") {
      collector.isDown = true;
      collector.lensTo(view.fromX(x), view.fromY(y));
      collector.again();
      if (store.state.collected.length) map.player.playAll(store.state.collected, collector.name());
      return;
    }
    const item = map.nearest(x, y, REACH[event.pointerType] ?? 12);
    store.set({selected: item});
    if (item >= 0) map.player.play(item);
  }

  ground.addEventListener("pointerleave", () => {
    if (pointers.size > 0) return;
    store.set({hovered: -1});
    if (collector.lens && !collector.isDown) collector.clear();
  });
  ground.addEventListener("dblclick", (event) => {
    if (onName(event) || store.state.tool !== "pan") return;
    const {x, y} = placeOf(event);
    map.zoomBy(2, x, y);
  });
}
