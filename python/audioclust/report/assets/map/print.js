// The map on paper.

const PAPER_MAP = {width: "680px", height: "440px"}; // Fits on A4 and on letter paper.

/** Draw the map for paper, in the colours and the size that it has there, and for the screen again. */
function createPrint(map, root) {
  const draw = () => {
    map.restyle();
    map.resize();
    map.drawNow();
  };
  addEventListener("beforeprint", () => {
    Object.assign(root.style, PAPER_MAP);
    draw();
  });
  addEventListener("afterprint", () => {
    Object.assign(root.style, {width: "", height: ""});
    draw();
  });
}
