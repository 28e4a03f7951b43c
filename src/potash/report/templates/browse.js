"use strict";
const shapes = JSON.parse(document.getElementById("shapes").textContent);
for (const box of document.querySelectorAll("[data-structure]")) {
  Viewer.create(box, shapes[box.dataset.structure]);
}
