/* Ball-and-stick viewer on a plain 2D canvas: works offline and without WebGL. */
"use strict";
const Viewer = (() => {
  const sprites = new Map();
  function shade(hex, f) {
    const n = parseInt(hex.slice(1), 16), c = [n >> 16, (n >> 8) & 255, n & 255];
    const m = c.map(v => Math.round(f > 0 ? v + (255 - v) * f : v * (1 + f)));
    return `rgb(${m[0]},${m[1]},${m[2]})`;
  }
  function sprite(colour) {
    if (sprites.has(colour)) return sprites.get(colour);
    const s = document.createElement("canvas"); s.width = s.height = 128;
    const g = s.getContext("2d");
    const ball = g.createRadialGradient(46, 42, 4, 64, 64, 62);
    ball.addColorStop(0, shade(colour, .75)); ball.addColorStop(.28, shade(colour, .22));
    ball.addColorStop(.68, colour); ball.addColorStop(1, shade(colour, -.45));
    g.fillStyle = ball; g.beginPath(); g.arc(64, 64, 62, 0, 7); g.fill();
    sprites.set(colour, s); return s;
  }
  function create(box, data) {
    const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d");
    box.append(canvas);
    const key = document.createElement("div"); key.className = "key";
    for (const [symbol, [colour]] of Object.entries(data.elements)) {
      const item = document.createElement("span"), dot = document.createElement("i");
      dot.style.background = colour; item.append(dot, symbol); key.append(item);
    }
    const hint = document.createElement("div"); hint.className = "hint"; hint.textContent = "drag to turn";
    box.append(key, hint);
    const n = data.symbols.length, xyz = data.xyz;
    let extent = 1;
    for (let i = 0; i < n; i++) extent = Math.max(extent, Math.hypot(xyz[3*i], xyz[3*i+1], xyz[3*i+2]));
    extent += 1.1;
    const flat = Boolean(data.cell);
    let rot, zoom;
    const turn = (m, a, b, angle) => {
      const c = Math.cos(angle), s = Math.sin(angle), r = m.map(v => v.slice());
      for (let k = 0; k < 3; k++) { r[a][k] = c*m[a][k] - s*m[b][k]; r[b][k] = s*m[a][k] + c*m[b][k]; }
      return r;
    };
    const reset = () => {
      rot = [[1,0,0],[0,1,0],[0,0,1]]; zoom = 1;
      if (flat) { rot = turn(rot, 0, 1, .42); rot = turn(rot, 1, 2, -1.18); }
    };
    const project = (x, y, z, w, h, scale) => {
      const X = rot[0][0]*x + rot[0][1]*y + rot[0][2]*z, Y = rot[1][0]*x + rot[1][1]*y + rot[1][2]*z,
            Z = rot[2][0]*x + rot[2][1]*y + rot[2][2]*z, p = 1 / (1 - Z / (extent * 5));
      return [w/2 + X*scale*p, h/2 - Y*scale*p, Z, p];
    };
    function draw() {
      const ratio = Math.min(window.devicePixelRatio || 1, 2), w = box.clientWidth, h = box.clientHeight;
      if (!w) return;
      canvas.width = w * ratio; canvas.height = h * ratio; ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      let scale = zoom * Math.min(w, h) / (2 * extent) * 1.08;
      // Fit what is seen, not the bounding sphere: slabs are wide and low.
      let mx = .1, my = .1;
      for (let i = 0; i < n; i++) {
        const q = project(xyz[3*i], xyz[3*i+1], xyz[3*i+2], 0, 0, 1);
        mx = Math.max(mx, Math.abs(q[0]) + 1.2); my = Math.max(my, Math.abs(q[1]) + 1.2);
      }
      if (data.cell) for (let i = 0; i < 8; i++) {
        const q = project(data.cell[3*i], data.cell[3*i+1], data.cell[3*i+2], 0, 0, 1);
        mx = Math.max(mx, Math.abs(q[0]) * .95); my = Math.max(my, Math.abs(q[1]) * .95);
      }
      scale = zoom * Math.min(w / (2*mx), (h - 26) / (2*my));
      const at = [];
      for (let i = 0; i < n; i++) at.push(project(xyz[3*i], xyz[3*i+1], xyz[3*i+2], w, h + 10, scale));
      if (data.cell) {
        const c = []; for (let i = 0; i < 8; i++) c.push(project(data.cell[3*i], data.cell[3*i+1], data.cell[3*i+2], w, h + 10, scale));
        ctx.strokeStyle = "rgba(102,112,133,.35)"; ctx.lineWidth = 1;
        for (const [a, b] of [[0,1],[0,2],[0,4],[1,3],[1,5],[2,3],[2,6],[3,7],[4,5],[4,6],[5,7],[6,7]]) {
          ctx.beginPath(); ctx.moveTo(c[a][0], c[a][1]); ctx.lineTo(c[b][0], c[b][1]); ctx.stroke();
        }
      }
      const items = [];
      for (let i = 0; i < n; i++) items.push([at[i][2], i, -1]);
      for (let k = 0; k < data.bonds.length; k += 2) items.push([(at[data.bonds[k]][2] + at[data.bonds[k+1]][2]) / 2 - .05, data.bonds[k], data.bonds[k+1]]);
      items.sort((a, b) => a[0] - b[0]);
      for (const [z, i, j] of items) {
        const fog = Math.max(.35, Math.min(1, .72 + .42 * z / extent));
        const veil = (1 - fog) * .8;
        if (j < 0) {
          const [colour, radius] = data.elements[data.symbols[i]];
          const K = data.symbols[i] === "K", r = scale * at[i][3] * radius;
          ctx.drawImage(sprite(colour), at[i][0] - r, at[i][1] - r, 2*r, 2*r);
          if (!K) {
            ctx.globalAlpha = veil; ctx.fillStyle = "#f4f5fa";
            ctx.beginPath(); ctx.arc(at[i][0], at[i][1], r * .985, 0, 7); ctx.fill(); ctx.globalAlpha = 1;
          }
        } else {
          const a = at[i], b = at[j], m = [(a[0]+b[0])/2, (a[1]+b[1])/2], width = Math.max(1.5, scale * .17 * a[3]);
          for (const [p, symbol] of [[a, data.symbols[i]], [b, data.symbols[j]]]) {
            ctx.lineCap = "butt";
            ctx.globalAlpha = 1 - veil;
            ctx.strokeStyle = shade(data.elements[symbol][0], -.42); ctx.lineWidth = width + 1.4;
            ctx.beginPath(); ctx.moveTo(p[0], p[1]); ctx.lineTo(m[0], m[1]); ctx.stroke();
            ctx.strokeStyle = shade(data.elements[symbol][0], .12); ctx.lineWidth = width;
            ctx.beginPath(); ctx.moveTo(p[0], p[1]); ctx.lineTo(m[0], m[1]); ctx.stroke();
          }
          ctx.globalAlpha = 1;
        }
      }
      ctx.globalAlpha = 1; canvas.dataset.drawn = String(n);
    }
    let last = null;
    canvas.addEventListener("pointerdown", e => { last = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointermove", e => {
      if (!last) return;
      rot = turn(rot, 0, 2, (last[0] - e.clientX) * .009); rot = turn(rot, 1, 2, (last[1] - e.clientY) * -.009);
      last = [e.clientX, e.clientY]; draw();
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { last = null; });
    canvas.addEventListener("wheel", e => {
      if (!e.ctrlKey && document.activeElement !== canvas) return;
      e.preventDefault(); zoom = Math.max(.4, Math.min(5, zoom * Math.exp(-e.deltaY * .0015))); draw();
    }, { passive: false });
    canvas.tabIndex = 0; canvas.setAttribute("aria-label", "structure " + data.formula);
    canvas.addEventListener("dblclick", () => { reset(); draw(); });
    reset(); draw(); new ResizeObserver(draw).observe(box);
  }
  return { create };
})();
