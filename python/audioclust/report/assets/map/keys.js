// What keys do on the map.

const ARROWS = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};

/** What a screen reader says of the map and its keys. */
const MAP_KEYS = "Arrow keys go to the nearest sound in a direction. Space plays and pauses, "
  + "Enter plays. Plus and minus zoom, 0 shows the whole map. B puts the sound into the basket. "
  + "O lays a lens around it, [ and ] make the lens smaller and larger, and Enter then plays what is inside. "
  + "L and P choose the lasso and moving for the pointer. Escape clears. The table has all sounds, too.";

/** Let the map be used by keys while it has the focus. */
function createKeys(map, canvas) {
  const {data, store, view, player, collector} = map;

  function walk([dx, dy]) {
    const {selected} = store.state;
    const to = selected < 0
      ? map.nearest(view.width / 2, view.height / 2, Infinity)
      : itemTowards(view, selected, dx, dy, map.accepts);
    if (to < 0) return;
    store.set({selected: to});
    if (store.state.tool === "lens") layLens();
  }

  /** Put the lens down around the chosen item. */
  function layLens() {
    const {selected} = store.state;
    if (selected < 0) return;
    collector.isDown = true;
    collector.lensTo(view.u[selected], view.v[selected]);
    collector.again();
    map.announce(`${itemWords(data, selected).join(", ")}. ${itemsWords(data, store.state.collected.length)} inside the lens.`);
  }

  function play() {
    const {tool, collected, selected} = store.state;
    if (tool === "lens" && collected.length) player.playAll(collected, collector.name());
    else if (selected >= 0) player.play(selected);
  }

  let sounded = -1; // What sounds, or did so last and may go on.
  store.on(["playing"], ({playing}) => { if (playing >= 0) sounded = playing; });

  function pause() {
    const {playing, queue, selected} = store.state;
    const isAnother = selected >= 0 && selected !== sounded;
    if (isAnother && !(playing >= 0 && queue.length)) player.play(selected);
    else player.toggle();
  }

  function basket() {
    const {selected} = store.state;
    if (selected < 0) return;
    addToBasket(store, [selected]);
    map.announce(`${data.names[selected]} is in the basket.`);
  }

  function escape() {
    if (store.state.tool !== "pan" || !collector.isEmpty()) {
      collector.clear();
      store.set({tool: "pan"});
    } else store.set({selected: -1});
  }

  const actions = {
    Enter: play, " ": pause, Escape: escape, b: basket,
    "+": () => map.zoomBy(2), "=": () => map.zoomBy(2), "-": () => map.zoomBy(0.5),
    0: () => map.glide({x: 0, y: 0, zoom: 1}),
    l: () => store.set({tool: "lasso"}), p: () => store.set({tool: "pan"}),
    o: () => { store.set({tool: "lens"}); layLens(); },
    "[": () => { collector.resizeLens(1 / 1.25); }, "]": () => { collector.resizeLens(1.25); },
  };

  // Keys and fingers point at nothing: the map's tip is at the chosen item while they are used.
  const walks = (isWalked) => {
    map.isWalked = isWalked;
    map.redraw({});
  };
  canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) walks(true); });
  canvas.addEventListener("blur", () => walks(false));
  canvas.parentElement.addEventListener("pointerdown", (event) => walks(event.pointerType === "touch"));

  canvas.addEventListener("keydown", (event) => {
    walks(true);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = arrow ? () => walk(arrow) : actions[key];
    if (!action) return;
    // Neither the page scrolls, nor do keys of the whole page do something else.
    event.preventDefault();
    event.stopPropagation();
    action();
  });
}
