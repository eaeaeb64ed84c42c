// Rows of a long table. Only those in view are made, so that 100,000 are no slower than 100.

const SPARE_ROWS = 8; // above and below what is seen
const PRINTED_ROWS = 2000;

/**
 * Keeps the rows that are seen in the body of a table that scrolls in a box; two empty rows are
 * as high as all others. count() gives how many there are, make(place) makes one, and made() is
 * called when rows were made.
 */
function createSeenRows(box, body, {count, make, made}) {
  let height = 32; // Rows may be higher, where letters are large.
  let drawn = [-1, -1];
  const paper = matchMedia("print");
  const gaps = [element("td"), element("td")];
  const [above, below] = gaps.map((cell) => element("tr", {class: "gap", "aria-hidden": "true"}, cell));

  /** The first row that is needed, and the one after the last. */
  function range() {
    const n = count();
    if (paper.matches) return [0, Math.min(PRINTED_ROWS, n)];
    const first = Math.max(0, Math.floor(box.scrollTop / height) - SPARE_ROWS);
    const seen = Math.ceil((box.clientHeight || 600) / height);
    return [Math.min(first, n), Math.min(n, first + seen + 2 * SPARE_ROWS)];
  }

  function draw() {
    const [first, last] = drawn = range();
    gaps[0].style.height = `${first * height}px`;
    gaps[1].style.height = paper.matches ? "0" : `${(count() - last) * height}px`;
    body.replaceChildren(above, ...Array.from({length: last - first}, (_, i) => make(first + i)), below);
    if (measure()) draw();
    else made();
  }

  /** Take the height that rows have, and tell whether it is another one. */
  function measure() {
    const found = paper.matches ? 0 : firstHeight(body);
    // Edges on parts of pixels make rows differ by less than a pixel.
    if (found === 0 || Math.abs(found - height) < 1) return false;
    height = found;
    return true;
  }

  /** How much of the box is there for rows, below the head. */
  const room = () => box.clientHeight - body.parentElement.tHead.offsetHeight;

  function scrollTo(place) {
    const [top, bottom] = [place * height, (place + 1) * height];
    box.scrollTop = Math.min(top, Math.max(box.scrollTop, bottom - room()));
  }

  /** Scroll until a row is in view. */
  function bring(place) {
    const meant = height;
    scrollTo(place);
    draw();
    if (height !== meant) scrollTo(place); // Rows turned out to be of another height.
  }

  function drawIfOthers() {
    const [first, last] = range();
    if (first !== drawn[0] || last !== drawn[1]) draw();
  }

  box.addEventListener("scroll", drawIfOthers, {passive: true});
  new ResizeObserver(drawIfOthers).observe(box);
  paper.addEventListener("change", draw);
  return {draw, bring, page: () => Math.max(1, Math.floor(room() / height) - 1)};
}

/** The height of the first row that was made, or 0. */
function firstHeight(body) {
  return body.children.length < 3 ? 0 : body.children[1].getBoundingClientRect().height;
}
