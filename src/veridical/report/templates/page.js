const SVG = "http://www.w3.org/2000/svg";
const words = JSON.parse(document.getElementById("words").textContent);
const all = (query, within = document) => [...within.querySelectorAll(query)];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const short = (value) => {
  const text = Math.abs(value) >= 1e5 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
};
const withUnit = (value, unit) => (unit ? `${short(value)} ${unit}` : short(value));

// Colours: as the device, light, dark.
const toggle = document.getElementById("theme");
const modes = ["auto", "light", "dark"];
let mode = 0;
toggle.hidden = false;
toggle.addEventListener("click", () => {
  mode = (mode + 1) % modes.length;
  if (modes[mode] === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = modes[mode];
  toggle.lastElementChild.textContent = toggle.dataset[modes[mode]];
});

// A printed page holds what is folded away on the screen.
let opened = [];
addEventListener("beforeprint", () => {
  opened = all("details:not([open])");
  opened.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));

all(".slider input").forEach((input) => {
  const figure = input.closest("figure");
  const apply = () => figure.style.setProperty("--o", input.value / 10);
  input.addEventListener("input", apply);
  apply();
});

// Maps: the steps of the scale are read back from the picture file itself (indexed, unfiltered rows).
async function stepsOf(image) {
  const bytes = Uint8Array.from(atob(image.getAttribute("href").split(",")[1]), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const columns = view.getUint32(16), rows = view.getUint32(20);
  let place = 8;
  while (String.fromCharCode(...bytes.subarray(place + 4, place + 8)) !== "IDAT") place += view.getUint32(place) + 12;
  const packed = bytes.subarray(place + 8, place + 8 + view.getUint32(place));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return { columns, rows, lines: new Uint8Array(await new Response(stream).arrayBuffer()) };
}

function valueAt(grid, data, u, v) {
  const column = Math.min(grid.columns - 1, Math.floor(u * grid.columns));
  const row = Math.min(grid.rows - 1, Math.floor(v * grid.rows));
  const step = grid.lines[row * (grid.columns + 1) + 1 + column];
  const low = Number(data.low), high = Number(data.high);
  if (step === 0) return words.nothing;
  if (step === 1) return `${words.at_most} ${withUnit(low, data.unit)}`;
  if (step === 255) return `${words.at_least} ${withUnit(high, data.unit)}`;
  return withUnit(low + ((high - low) * (step - 1)) / 254, data.unit);
}

function nameOfPlace(data, u, v) {
  if (!data.nativeWidth) {
    const x = Math.min(data.columns - 1, Math.floor(u * data.columns));
    return fill(words.cell, { x, y: Math.min(data.rows - 1, Math.floor(v * data.rows)) });
  }
  const turn = Number(data.orientation);
  if ([2, 3, 6, 7].includes(turn)) u = 1 - u;
  if ([3, 4, 7, 8].includes(turn)) v = 1 - v;
  if (turn > 4) [u, v] = [v, u];
  const x = Math.min(data.nativeWidth - 1, Math.floor(u * data.nativeWidth));
  return fill(words.at, { x, y: Math.min(data.nativeHeight - 1, Math.floor(v * data.nativeHeight)) });
}

all(".reading").forEach((reader) => {
  const picture = reader.querySelector("svg"), image = reader.querySelector(".layer");
  const readout = reader.closest("figure").querySelector(".readout");
  const box = picture.viewBox.baseVal;
  const cross = document.createElementNS(SVG, "path");
  cross.setAttribute("class", "cross");
  picture.append(cross);
  let grid = null, u = 0.5, v = 0.5;
  const show = async () => {
    grid = grid || stepsOf(image);
    const x = u * box.width, y = v * box.height, arm = box.width / 40;
    cross.setAttribute("d", `M${x - arm} ${y}h${2 * arm}M${x} ${y - arm}v${2 * arm}`);
    readout.textContent = `${nameOfPlace(reader.dataset, u, v)}: ${valueAt(await grid, reader.dataset, u, v)}`;
  };
  const point = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    [u, v] = [clamp(at.x / box.width, 0, 1), clamp(at.y / box.height, 0, 1)];
    show();
  };
  if (!("DecompressionStream" in window)) return;
  reader.addEventListener("pointermove", point);
  reader.addEventListener("pointerdown", point);
  reader.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    [u, v] = [clamp(u + step[0] / 50, 0, 1), clamp(v + step[1] / 50, 0, 1)];
    show();
  });
});

// Frames: the nearest one to a time, large in the frames section, or beside what was clicked.
const frames = all(".store image[data-time]").map((one) => ({ id: one.id, time: Number(one.dataset.time), one }));
const nearest = (time) => frames.reduce((a, b) => (Math.abs(b.time - time) < Math.abs(a.time - time) ? b : a));
const atTime = [];

function draw(figure, time) {
  const best = nearest(time);
  let picture = figure.querySelector("svg");
  if (!picture) {
    picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("class", "picture");
    picture.setAttribute("role", "img");
    picture.append(document.createElementNS(SVG, "use"));
    figure.prepend(picture);
  }
  all(".outlines", picture).forEach((one) => one.remove());
  const outlined = best.id.replace("p", "f");
  if (document.getElementById(outlined)) {
    const faces = document.createElementNS(SVG, "use");
    faces.setAttribute("class", "outlines");
    faces.setAttribute("href", `#${outlined}`);
    picture.append(faces);
  }
  const off = best.time - time, said = Math.abs(off) <= 0.2 ? words.frame : off < 0 ? words.frame_earlier : words.frame_later;
  const hundredth = (value) => short(Math.round(value * 100) / 100);
  const text = fill(said, { time: hundredth(time), frame: hundredth(best.time), by: short(Math.round(Math.abs(off) * 10) / 10) });
  const width = best.one.getAttribute("width"), height = best.one.getAttribute("height");
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.setAttribute("height", 300);
  picture.setAttribute("width", Math.round((300 * width) / height));
  picture.querySelector("use").setAttribute("href", `#${best.id}`);
  picture.setAttribute("aria-label", text);
  figure.querySelector("figcaption p").textContent = text;
  all(".strip button").forEach((button) => {
    const current = Number(button.dataset.seek) === best.time;
    if (current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    if (current) button.closest(".strip").scrollLeft = button.parentElement.offsetLeft - button.closest(".strip").clientWidth / 2;
  });
}

function seek(from, time) {
  atTime.forEach((told) => told(time));
  if (!frames.length) return;
  const section = from.closest("#timeline");
  let figure = section ? section.querySelector(".viewer") : null;
  if (!figure) {
    const place = from.closest("figure, .places");
    figure = place.nextElementSibling;
    if (!figure || !figure.classList.contains("moment")) {
      figure = document.createElement("figure");
      figure.className = "moment";
      const caption = document.createElement("figcaption"), said = document.createElement("p");
      said.setAttribute("role", "status");
      caption.append(said);
      figure.append(caption);
      place.after(figure);
    }
  }
  draw(figure, time);
}
all("[data-seek]").forEach((button) => button.addEventListener("click", () => seek(button, Number(button.dataset.seek))));

// Charts: the nearest drawn point of each line.
function pointsOf(path) {
  return [...path.getAttribute("d").matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]);
}

function nearestPoint(points, at, within) {
  if (!points.length) return null;
  const near = points.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
  return Math.abs(near[0] - at) > within ? null : near;
}

function ticksOf(low, high, wanted) {
  const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].reduce((a, b) => (Math.abs(b * power - raw) < Math.abs(a * power - raw) ? b : a));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

function svgElement(name, values) {
  const made = document.createElementNS(SVG, name);
  Object.entries(values).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function labelTimes(svg, low, high, wanted, y) {
  svg.replaceChildren(...ticksOf(low, high, wanted).map((value) => {
    const share = (value - low) / (high - low);
    const text = svgElement("text", { x: `${share * 100}%`, y, "text-anchor": share < 0.03 ? "start" : share > 0.97 ? "end" : "middle" });
    text.textContent = short(value);
    return text;
  }));
}

// The part of the time that is looked at: the timeline chooses it, all time charts follow.
const onView = [];

// Told of a click on the timeline: at which time, and on what. The timeline says what it shows, and moves its cursor.
const onPick = [];
let timeView = () => [0, 1], moveTo = () => {};

all(".plot").forEach((plot) => {
  const figure = plot.closest("figure"), readout = figure.querySelector(".readout");
  const cursor = plot.querySelector(".cursor"), data = plot.dataset;
  const start = Number(plot.getAttribute("aria-valuemin")), end = Number(plot.getAttribute("aria-valuemax"));
  let lines = null, first = start, last = end, now = first;
  const show = () => {
    lines = lines || all("path.line", plot).map((path) => ({ name: path.dataset.name, points: pointsOf(path) }));
    const at = ((now - start) / (end - start)) * 1000, x = `${((now - first) / (last - first)) * 100}%`;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    plot.classList.add("on");
    const said = lines.filter((line) => line.points.length).map((line) => {
      const near = nearestPoint(line.points, at, (25 * (last - first)) / (end - start));
      if (!near) return `${line.name}: –`;
      return `${line.name}: ${withUnit(Number(data.low) + ((Number(data.high) - Number(data.low)) * (1000 - near[1])) / 1000, data.yUnit)}`;
    });
    const text = `${data.xName} ${withUnit(now, data.xUnit)} · ${said.join(" · ")}`;
    readout.textContent = text;
    plot.setAttribute("aria-valuenow", now);
    plot.setAttribute("aria-valuetext", text);
  };
  const point = (event) => {
    const box = plot.getBoundingClientRect();
    now = first + clamp((event.clientX - box.left) / box.width, 0, 1) * (last - first);
    show();
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  if (plot.classList.contains("seek")) plot.addEventListener("click", () => seek(plot, now));
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageDown: -0.1, PageUp: 0.1 }[event.key];
    if (event.key === "Enter" && plot.classList.contains("seek")) seek(plot, now);
    if (event.key === "Home" || event.key === "End") now = event.key === "Home" ? first : last;
    else if (step) now = clamp(now + step * (last - first), first, last);
    else return;
    event.preventDefault();
    show();
  });
  if (!figure.classList.contains("timeline")) return;
  const outer = plot.querySelector("svg"), inner = outer.querySelector("svg");
  const placed = all("rect.shade, line.mark", outer).map((one) => ({
    one, at: parseFloat(one.getAttribute("x") || one.getAttribute("x1")) / 100, width: parseFloat(one.getAttribute("width") || 0) / 100,
  }));
  onView.push((low, high) => {
    [first, last] = [clamp(low, start, end), clamp(high, start, end)];
    if (!(last > first)) return;
    const whole = end - start, zoom = whole / (last - first), left = (first - start) / whole;
    plot.classList.toggle("zoomed", zoom > 1.001);
    inner.setAttribute("viewBox", `${left * 1000} 0 ${1000 / zoom} 1000`);
    placed.forEach(({ one, at, width }) => {
      const x = `${(at - left) * zoom * 100}%`;
      if (one.tagName === "rect") {
        one.setAttribute("x", x);
        one.setAttribute("width", `${width * zoom * 100}%`);
      } else ["x1", "x2"].forEach((name) => one.setAttribute(name, x));
    });
    all("line.upright", outer).forEach((one) => one.remove());
    ticksOf(first, last, 5).forEach((value) => {
      const x = `${((value - first) / (last - first)) * 100}%`;
      outer.insertBefore(svgElement("line", { x1: x, x2: x, y1: 0, y2: "100%", class: "grid upright" }), inner);
    });
    labelTimes(plot.parentElement.querySelector(".xs"), first, last, 5, 15);
    now = clamp(now, first, last);
    if (plot.classList.contains("on")) show();
  });
});

// Checklists: the answers that are ticked, as a file that veridical adds to the report.
const answers = document.getElementById("answers");
if (answers) {
  answers.hidden = false;
  answers.addEventListener("submit", (event) => {
    event.preventDefault();
    const ticked = all(".check").flatMap((check) => {
      const chosen = check.querySelector("input[type=radio]:checked");
      if (!chosen) return [];
      const note = check.querySelector("input[type=text]").value;
      return [{ finding: check.dataset.finding, item: Number(check.dataset.item), answer: chosen.value, note }];
    });
    const said = document.getElementById("saved");
    if (!ticked.length) return void (said.textContent = words.nothing_ticked);
    const examiner = document.getElementById("examiner").value;
    const content = { exhibit: answers.dataset.sha256, examiner, when: new Date().toISOString(), answers: ticked };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
    link.download = `${answers.dataset.file}.answers.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    said.textContent = fill(words.saved, { n: ticked.length, file: link.download });
  });
}
