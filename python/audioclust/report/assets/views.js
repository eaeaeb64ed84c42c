// Views besides the map: why this number of clusters, grids of maps, waveforms.

/** Add the views that this page has data for. */
function createViews(data, store, player, root) {
  root.hidden = Object.keys(data.views).length === 0;
}
