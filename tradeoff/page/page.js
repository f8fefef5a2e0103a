"use strict";
// The normal law, the closed forms of THEORY.md and the explorer that draws them. No library, no
// network: this file is put into the page as it is.

// ---- the normal law ----

const ROOT = Math.sqrt(2 * Math.PI);
const density = (x) => Math.exp(-x * x / 2) / ROOT;

// P(N(0, 1) > x) for x >= 2, by the continued fraction of Mills' ratio, from its end backwards.
function tail(x) {
  if (x > 40) return 0;
  let ratio = x;
  for (let k = Math.ceil(30 + 600 / x); k > 0; k--) ratio = x + k / ratio;
  return density(x) / ratio;
}

// Phi(x), with small relative errors in the lower tail.
function ndtr(x) {
  if (x === Infinity) return 1;
  if (x === -Infinity) return 0;
  if (x > 2) return 1 - tail(x);
  if (x < -2) return tail(-x);
  let term = x, sum = x;
  for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
    term *= x * x / (2 * k + 1);
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

// The inverse of Phi: a rational start (Abramowitz and Stegun 26.2.23), then Halley's steps.
function ndtri(p) {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -ndtri(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) /
    (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let k = 0; k < 4; k++) {
    const step = (ndtr(x) - p) / density(x);
    x -= step / (1 + x * step / 2);
  }
  return x;
}

// ---- the trade-off function (2.1) and its slope ----

function tradeoff(a, rho) {
  if (a <= 0) return 1;
  if (a >= 1) return 0;
  return rho === 0 ? 1 - a : ndtr(-ndtri(a) - rho);
}

// The logarithm of minus its slope (2.2).
const steepness = (a, rho) => (rho === 0 ? 0 : -rho * ndtri(a) - rho * rho / 2);

const sum = (values) => values.reduce((total, value) => total + value, 0);

// Where a growing function changes sign in [low, high], by bisection.
function turn(grows, low, high) {
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (grows(middle) > 0) high = middle; else low = middle;
  }
  return (low + high) / 2;
}

// The splits p a + (1 - p) b = error of an error between two kinds of components. The share of a
// is logistic in u, so that either part keeps its digits however small it is.
function splits(p, error) {
  const q = 1 - p, most = (weight) =>
    (error > weight ? Math.min(700, Math.log(weight / (error - weight))) : 700);
  return {
    low: -most(q), high: most(p),
    a: (u) => Math.min(1, error / p / (1 + Math.exp(-u))),
    b: (u) => Math.min(1, error / q / (1 + Math.exp(u))),
  };
}

// ---- the certified closed forms: lower bounds on the spatial error ----

// Residuals and probabilities of the turns, equal residuals taken together.
function law(residuals, shares) {
  const found = new Map();
  residuals.forEach((r, g) => {
    if (shares[g] > 0) found.set(r, (found.get(r) || 0) + shares[g]);
  });
  return [...found].map(([r, share]) => ({ r, share }));
}

const mean = (turns, a) => sum(turns.map(({ r, share }) => share * tradeoff(a, r)));
function meanSteepness(turns, a) {
  const logs = turns.map(({ r, share }) => Math.log(share) + steepness(a, r));
  const top = Math.max(...logs);
  return Number.isFinite(top) ? top + Math.log(sum(logs.map((v) => Math.exp(v - top)))) : top;
}

// Theorem 2: two equally likely classes, turns as likely as their inverses.
const theorem2 = (turns, error) => mean(turns, error);

// (5.1): the least over the split of the error between two equally likely classes.
function splitBound(plus, minus, error) {
  if (error <= 0) return 1;
  const { low, high, a, b } = splits(0.5, error);
  const value = (u) => 0.5 * mean(plus, a(u)) + 0.5 * mean(minus, b(u));
  const grows = (u) => meanSteepness(minus, b(u)) - meanSteepness(plus, a(u));
  return Math.min(value(low), value(high), value(turn(grows, low, high)));
}

// (9.4): words of a cyclic code, n the chance of being taken for a word of the other class.
function codeBound(words, rho, error) {
  const used = words.filter(({ n }) => n > 0);
  if (!used.length) return 0;
  if (rho === 0) {
    const corner = ({ n }) => sum(used.map((w) => w.share * Math.min(n, w.n))) - n * error;
    return Math.max(0, ...used.map(corner));
  }
  const probit = (price, n) => (price - Math.log(n)) / rho + rho / 2;
  let low = -1e3, high = 1e3;
  for (let k = 0; k < 90; k++) {
    const middle = (low + high) / 2;
    const spent = sum(used.map(({ n, share }) => share * ndtr(-probit(middle, n))));
    if (spent > error) low = middle; else high = middle;
  }
  const spared = sum(used.map(({ n, share }) => share * n * ndtr(probit(high, n) - rho)));
  const spent = sum(used.map(({ n, share }) => share * ndtr(-probit(high, n))));
  return Math.max(0, spared + Math.exp(Math.min(high, 700)) * (spent - error));
}

// (9.14): the least over the errors a where the strong feature tells the truth and b where it
// lies; null where no split has a >= G(b) with r00, so that no classifier has so small an error.
function featureBound(first, p, r0, r00, error) {
  if (error <= 0) return null;
  const odds = Math.log(p / (1 - p)), { low, high, a, b } = splits(p, error);
  const room = (u) => a(u) - tradeoff(b(u), r00);
  const peak = turn((u) => steepness(b(u), r00) + odds, low, high);
  const top = [low, high, peak].reduce((x, y) => (room(y) > room(x) ? y : x));
  if (room(top) < -1e-12) return null;
  const from = room(low) < 0 ? turn(room, low, top) : low;
  const to = room(high) < 0 ? turn((u) => -room(u), top, high) : high;
  const value = (u) => first * (p * tradeoff(b(u), r0) + (1 - p) * tradeoff(a(u), r0));
  const grows = (u) => steepness(b(u), r0) + 2 * odds - steepness(a(u), r0);
  return Math.min(value(from), value(to), value(turn(grows, from, to)));
}

// ---- the named settings ----

const left = (vector, epsilon, sigma) =>
  Math.sqrt(sum(vector.map((v) => Math.max(Math.abs(v) - epsilon, 0) ** 2))) / sigma;
const minus = (a, b) => a.map((value, j) => value - b[j]);

function quarter(image, side) { // by 90 degrees against the clock
  return image.map((_, j) => image[(j % side) * side + side - 1 - Math.floor(j / side)]);
}

// Two classes under turns: `turns` are [name, function of an image, probability].
function twoClasses(p, shape, plus, other, turns, balanced) {
  const shares = turns.map(([, , share]) => share);
  const pairs = turns.map(([name, move]) => ({ name, from: plus, moved: move(plus), to: other }));
  const residual = (a, b) => left(minus(a, b), p.epsilon, p.sigma);
  const forward = pairs.map(({ moved }) => residual(moved, other));
  const back = turns.map(([, move]) => residual(move(other), plus));
  const [one, two] = [law(forward, shares), law(back, shares)];
  const ceiling = ndtr(left(minus(plus, other), 2 * p.epsilon, p.sigma) / 2);
  return {
    shape, pairs, residuals: forward, ceiling, formula: balanced ? "Theorem 2" : "(5.1)",
    shares,
    bound: (error) => (balanced ? theorem2(one, error) : splitBound(one, two, error)),
  };
}

const MODELS = {
  "orientation-texture": (p) => {
    const side = p.side, block = side / PATTERN.length;
    const c = Array.from({ length: side * side }, (_, j) =>
      PATTERN[Math.floor(Math.floor(j / side) / block)][Math.floor((j % side) / block)]);
    const plus = c.map((v) => p.alpha * v + p.eta);
    const other = quarter(c, side).map((v) => p.alpha * v - p.eta);
    const chance = { 0: [1, 0, 0, 0], 90: [1 / 3, 1 / 3, 0, 1 / 3], 180: [.25, .25, .25, .25] };
    const shares = chance[p.range].slice();
    const tilt = p.range > 0 ? p.tilt * shares[1] : 0;
    shares[1] += tilt;
    shares[3] -= tilt;
    const turns = [0, 1, 2, 3].map((g) => [`${90 * g}°`, (image) => {
      for (let k = 0; k < g; k++) image = quarter(image, side);
      return image;
    }, shares[g]]);
    return twoClasses(p, [side, side], plus, other, turns, tilt === 0);
  },
  "rotating-bump": (p) => {
    const K = 24, R = p.rings;
    const bump = Array.from({ length: K }, (_, k) =>
      Math.exp(-0.5 * (Math.min(k, K - k) * 2 * Math.PI / K / p.width) ** 2));
    const rows = (angles) => Array.from({ length: R }, () => angles).flat();
    const shift = (image, j) => image.map((_, i) =>
      image[Math.floor(i / K) * K + ((i % K) - j + K) % K]);
    const plus = rows(bump.map((b) => p.alpha * b + p.eta));
    const other = rows(bump.map((_, k) => p.alpha * bump[(k + K / 2) % K] - p.eta));
    const reach = Math.floor(p.range * K / 360 * (1 + 1e-12));
    const steps = [];
    for (let j = -reach; j <= reach; j++) if (j > -K / 2) steps.push(j);
    const turns = steps.map((j) =>
      [`${j * 360 / K}°`, (image) => shift(image, (j + K) % K), 1 / steps.length]);
    return twoClasses(p, [R, K], plus, other, turns, true);
  },
  "cyclic-code": (p) => {
    const d = p.length;
    const laws = {
      2: [[0, 1 / 2], [1 / 2, 1 / 2]],
      3: [[0, 1 / 4], [1 / 2, 3 / 4]],
      4: [[0, 1 / 8], [1 / 4, 3 / 8], [1 / 2, 3 / 8], [3 / 4, 1 / 8]],
    };
    const start = { 2: [1, -1, 1, -1], 3: [1, 1, -1, -1], 4: [1, -1, -1, -1] }[p.dimension];
    const word = Array.from({ length: d }, (_, j) => start[j % 4]);
    const moved = word.map((_, j) => word[(j + d / 4) % d]);
    const flip = moved[0] === word[0] ? 2 : 1;
    const turned = word.map((_, j) => word[(j + flip * d / 4) % d]);
    const texture = (c) => c.map((v) => p.alpha * v + p.eta * c[0]);
    const from = texture(word);
    const pairs = [{
      name: `${flip} quarter${flip > 1 ? "s" : ""}`,
      from, moved: from.map((_, j) => from[(j + flip * d / 4) % d]), to: texture(turned),
    }];
    const rho = Math.max(2 * p.eta - p.epsilon, 0) * Math.sqrt(d) / p.sigma;
    const words = laws[p.dimension].map(([n, share]) => ({ n, share }));
    return {
      shape: [1, d], pairs, residuals: [rho], shares: [1], ceiling: 1, formula: "(9.4)",
      bound: (error) => codeBound(words, rho, error),
    };
  },
  "robust-feature": (p) => {
    const m = p.weak, sign = (s, strong) =>
      Array.from({ length: m + 1 }, (_, j) => (j ? s * p.eta : strong * p.alpha));
    const r0 = Math.max(2 * p.eta - p.epsilon, 0) * Math.sqrt(m) / p.sigma;
    const r00 = Math.max(2 * p.eta - 2 * p.epsilon, 0) * Math.sqrt(m) / p.sigma;
    const places = Math.min(p.positions, m + 1);
    return {
      shape: [1, m + 1], residuals: [r0, r00], shares: [1], ceiling: 1, formula: "(9.14)",
      pairs: [{ name: "left in place", from: sign(1, 1), moved: sign(1, 1), to: sign(-1, 1) }],
      bound: (error) => featureBound(1 / places, p.reliability, r0, r00, error),
    };
  },
};

// The least spatial error at an adversarial accuracy; null where no classifier has that accuracy.
const leastError = (model, A) => (A > model.ceiling ? null : model.bound(1 - A));

// What the page shows of a setting, in full precision; S and the error are null where impossible.
function evaluate(name, p) {
  const model = MODELS[name](p);
  const bound = leastError(model, p.A);
  return {
    residuals: model.residuals, ceiling: model.ceiling, formula: model.formula,
    error: bound, S: bound === null ? null : Math.min(1, 1 - bound),
  };
}

// Points (A, S) of the bound, close together at both ends, up to the last A that a classifier has.
function curve(model) {
  let end = 1;
  if (leastError(model, 1) === null) {
    let beyond = 1;
    end = 0;
    for (let k = 0; k < 60; k++) {
      const middle = (end + beyond) / 2;
      if (leastError(model, middle) === null) beyond = middle; else end = middle;
    }
  }
  return Array.from({ length: 81 }, (_, k) => end * (0.5 - 0.5 * Math.cos(Math.PI * k / 80)))
    .map((A) => [A, leastError(model, A)])
    .filter(([, bound]) => bound !== null)
    .map(([A, bound]) => [A, Math.min(1, 1 - bound)]);
}

// ---- the page ----

const byId = (id) => document.getElementById(id);
const data = (id) => JSON.parse(byId(id).textContent);
const PATTERN = data("pattern");
const SETTINGS = data("settings");

// Numbers asked for in the address, for tests: #check=[[setting, parameters], ...].
function answerChecks() {
  const asked = /^#check=(.*)$/.exec(location.hash);
  if (!asked) return false;
  const { cases, curves, normal } = JSON.parse(decodeURIComponent(asked[1]));
  const answer = {
    cases: (cases || []).map(([name, p]) => evaluate(name, { ...defaults(name), ...p })),
    curves: (curves || []).map(([name, p]) => curve(MODELS[name]({ ...defaults(name), ...p }))),
    normal: (normal || []).map(([kind, x]) => (kind === "cdf" ? ndtr(x) : ndtri(x))),
  };
  byId("answers").textContent = JSON.stringify(answer);
  return true;
}

function defaults(name) {
  const own = SETTINGS.find((one) => one.name === name).parameters;
  return Object.fromEntries(own.map((one) => [one.name, one.value]));
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

// A bound on S in percent, rounded up to the next hundredth: still a bound.
const upward = (share) => (Math.min(100, Math.ceil(1e4 * (share + 1e-9)) / 100)).toFixed(2);

const state = { name: SETTINGS[0].name, p: {} };

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const known = SETTINGS.find((one) => one.name === given.get("setting"));
  if (known) state.name = known.name;
  state.p = defaults(state.name);
  for (const one of SETTINGS.find((item) => item.name === state.name).parameters) {
    const value = Number(given.get(one.name));
    if (given.has(one.name) && Number.isFinite(value)) {
      const near = one.choices
        ? one.choices.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a))
        : Math.min(one.max, Math.max(one.min, value));
      state.p[one.name] = near;
    }
  }
}

function buildControls() {
  const chosen = SETTINGS.find((one) => one.name === state.name);
  byId("setting").value = state.name;
  byId("about").textContent = chosen.about;
  byId("sliders").replaceChildren(...chosen.parameters.map((one) => {
    const id = `slider-${one.name}`;
    const ends = one.choices
      ? { min: 0, max: one.choices.length - 1, step: 1,
          value: one.choices.indexOf(state.p[one.name]) }
      : { min: one.min, max: one.max, step: one.step, value: state.p[one.name] };
    const slider = element("input", { type: "range", id, ...ends });
    const shown = element("output", { for: id });
    const show = () => {
      shown.textContent = `${state.p[one.name]}${one.unit}`;
      slider.setAttribute("aria-valuetext", shown.textContent);
    };
    slider.addEventListener("input", () => {
      state.p[one.name] = one.choices ? one.choices[Number(slider.value)] : Number(slider.value);
      show();
      redraw();
    });
    show();
    return element("div", { class: "slider" },
      element("label", { for: id }, one.label), slider, shown);
  }));
}

function redraw() {
  const model = MODELS[state.name](state.p);
  const found = evaluate(state.name, state.p);
  drawReadout(model, found);
  drawChart(model, found);
  drawImages(model);
  const given = new URLSearchParams({ setting: state.name, ...state.p });
  try { history.replaceState(null, "", `#${given}`); } catch { /* some viewers forbid it */ }
}

function drawReadout(model, found) {
  const share = `${+(100 * state.p.A).toFixed(2)}\u00a0%`;
  byId("readout").textContent = found.S === null
    ? `No classifier at all has an adversarial accuracy of ${share} here.`
    : `No classifier with an adversarial accuracy of ${share} has a spatial accuracy above ` +
      `${upward(found.S)}\u00a0%. (${model.formula})`;
}

function drawChart(model, found) {
  const chart = byId("chart"), [x0, y0, w, h] = [46, 10, 300, 220];
  const x = (A) => x0 + w * A, y = (S) => y0 + h * (1 - (S - 0.4) / 0.6);
  const parts = [svg("title", {}, "Bound on the spatial accuracy against adversarial accuracy")];
  for (let k = 0; k <= 5; k++) {
    parts.push(svg("line", { x1: x(k / 5), x2: x(k / 5), y1: y0, y2: y0 + h, class: "grid" }));
    parts.push(svg("text", { x: x(k / 5), y: y0 + h + 16, "text-anchor": "middle" },
      `${20 * k}%`));
  }
  for (let k = 4; k <= 10; k++) {
    parts.push(svg("line", { x1: x0, x2: x0 + w, y1: y(k / 10), y2: y(k / 10), class: "grid" }));
    parts.push(svg("text", { x: x0 - 6, y: y(k / 10) + 4, "text-anchor": "end" },
      `${10 * k}%`));
  }
  const points = curve(model).map(([A, S]) => [x(A), y(Math.max(0.4, S))]);
  const path = points.map(([a, b]) => `${a.toFixed(2)},${b.toFixed(2)}`).join("L");
  if (points.length) {
    const end = points[points.length - 1];
    parts.push(svg("path", { class: "impossible",
      d: `M${path}L${end[0]},${y(0.4)}L${x0 + w},${y(0.4)}L${x0 + w},${y0}L${x0},${y0}Z` }));
    parts.push(svg("path", { class: "bound", d: `M${path}` }));
  }
  if (points.every(([across, down]) => across < x(0.5) || down > y0 + 22)) {
    parts.push(svg("text", { x: x0 + w - 6, y: y0 + 16, "text-anchor": "end", class: "note" },
      "no classifier can be here"));
  }
  if (found.S !== null && found.S >= 0.4) {
    parts.push(svg("circle", { cx: x(state.p.A), cy: y(found.S), r: 5, class: "point" }));
  } else {
    parts.push(svg("line", { x1: x(state.p.A), x2: x(state.p.A), y1: y0, y2: y0 + h,
      class: "bound" }));
  }
  parts.push(svg("text", { x: x0 + w / 2, y: y0 + h + 34, "text-anchor": "middle" },
    "adversarial accuracy A"));
  parts.push(svg("text", { x: 12, y: y0 + h / 2, "text-anchor": "middle",
    transform: `rotate(-90 12 ${y0 + h / 2})` }, "spatial accuracy S, at most"));
  chart.replaceChildren(...parts);
}

function drawImages(model) {
  let worst = 0;
  model.pairs.forEach((_, g) => {
    if (model.shares[g] > 0 &&
      (model.shares[worst] === 0 || model.residuals[g] < model.residuals[worst])) worst = g;
  });
  const { name, from, moved, to } = model.pairs[worst], epsilon = state.p.epsilon;
  const difference = minus(moved, to);
  const push = difference.map((v) => Math.max(-epsilon, Math.min(epsilon, v)));
  const attacked = to.map((v, j) => v + push[j]);
  const rest = minus(moved, attacked);
  const scale = Math.max(1e-12, ...[from, moved, to, attacked].flat().map(Math.abs));
  const same = model.residuals[worst] === 0;
  const shown = [
    ["an image of one class", from],
    [`the same, turned: ${name}`, moved],
    ["an image of the other class", to],
    [`that, attacked by at most ε = ${epsilon}`, attacked],
    ["turned less attacked", rest],
  ];
  byId("images").replaceChildren(...shown.map(([label, image]) =>
    element("figure", {}, paint(image, model.shape, scale, label),
      element("figcaption", {}, label))));
  byId("verdict").textContent = same
    ? "The turned image and the attacked one are the same: on one of them every classifier errs."
    : `The attack leaves a distance of r = ${model.residuals[worst].toFixed(3)} standard ` +
      "deviations between the turned image and the other class.";
}

// Blue below zero, orange above, white at zero.
function paint(image, [rows, columns], scale, label) {
  const canvas = element("canvas", { width: columns, height: rows, role: "img",
    "aria-label": label });
  canvas.style.aspectRatio = `${columns} / ${Math.max(rows, columns / 4)}`;
  const context = canvas.getContext("2d"), pixels = context.createImageData(columns, rows);
  image.forEach((value, j) => {
    const share = Math.max(-1, Math.min(1, value / scale)), ends = share < 0
      ? [0, 114, 178] : [213, 94, 0];
    ends.forEach((end, k) => { pixels.data[4 * j + k] = 255 + (end - 255) * Math.abs(share); });
    pixels.data[4 * j + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// ---- tables that sort: a button in each heading, the order said to screen readers ----

function makeSortable(table) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      table.querySelectorAll("th").forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.value;
      const order = (a, b) => {
        const [one, two] = [key(a), key(b)];
        if (one === "" || two === "") return (one === "") - (two === "");
        const numbers = Number(one) - Number(two);
        return (Number.isNaN(numbers) ? one.localeCompare(two) : numbers) * (down ? -1 : 1);
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(order));
    });
  });
}

if (!answerChecks()) {
  byId("setting").replaceChildren(...SETTINGS.map((one) =>
    element("option", { value: one.name }, one.title)));
  byId("setting").addEventListener("change", (event) => {
    state.name = event.target.value;
    state.p = defaults(state.name);
    buildControls();
    redraw();
  });
  byId("reset").addEventListener("click", () => {
    state.p = defaults(state.name);
    buildControls();
    redraw();
  });
  window.addEventListener("hashchange", () => {
    if (new URLSearchParams(location.hash.slice(1)).has("setting")) {
      readAddress();
      buildControls();
      redraw();
    }
  });
  document.querySelectorAll("table.sortable").forEach(makeSortable);
  readAddress();
  buildControls();
  redraw();
}
