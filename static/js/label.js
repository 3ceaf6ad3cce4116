// Where a label beside a point of a chart hides nothing. All in pixels from the drawing's upper left corner: a box is
// [left, top, right, bottom], a line a list of [x, y] from left to right.

const GAPS = [17, 28, 42, 58, 78, 102, 130];
export const NEAR = GAPS[0];

const meet = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

// Whether the line runs through the box: each of its stretches is cut to the box's width first.
function through(line, [left, top, right, bottom]) {
  return line.some(([x, y], place) => {
    const [fromX, fromY] = line[Math.max(place - 1, 0)];
    if (x < left || fromX > right) return false;
    const at = (where) => (x === fromX ? y : fromY + ((y - fromY) * (where - fromX)) / (x - fromX));
    const ends = [at(Math.max(fromX, left)), at(Math.min(x, right))];
    return Math.max(...ends) > top && Math.min(...ends) < bottom;
  });
}

function* places(width) {
  for (const gap of GAPS) {
    for (const down of [gap, -gap]) for (const along of [0, width / 2, -width / 2]) yield [along, down];
    if (gap === NEAR) for (const along of [width / 2 + NEAR, -width / 2 - NEAR]) yield [along, 0];
  }
}

// How far the label's middle is to stand from its point: the nearest place inside `area` that no line and no box is in.
export function free([x, y], [width, height], lines, boxes, area) {
  for (const [along, down] of places(width)) {
    const box = [x + along - width / 2, y + down - height / 2, x + along + width / 2, y + down + height / 2];
    const inside = box[0] >= 0 && box[1] >= 0 && box[2] <= area.width && box[3] <= area.height;
    if (inside && !boxes.some((other) => meet(box, other)) && !lines.some((line) => through(line, box))) return [along, down];
  }
  return [0, -NEAR];
}
