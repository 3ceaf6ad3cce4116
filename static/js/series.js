// A metric's points as lists: put together as they arrive, smoothed, and laid along rounds or time.

const last = (list) => list[list.length - 1];

// The curve with newer points behind its own; points that it has already are left out.
export function extended(curve, more) {
  if (!curve || !curve.steps.length) return more;
  const from = more.steps.findIndex((step) => step > last(curve.steps));
  if (from < 0) return curve;
  const joined = (name) => curve[name].concat(more[name].slice(from));
  const better = more.higher_is_better ? more.best_value > curve.best_value : more.best_value < curve.best_value;
  const { best_step, best_value } = better ? more : curve;
  return { ...curve, steps: joined("steps"), values: joined("values"), seconds: joined("seconds"), best_step, best_value };
}

// An exponential moving average, freed of its bias towards the beginning.
export function smoothed(values, weight) {
  let [sum, share] = [0, 0];
  return values.map((value) => {
    sum = sum * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return sum / share;
  });
}

// Seconds, minutes or hours: the unit in which the longest of these reads best.
export function timeUnit(curves) {
  const longest = Math.max(0, ...curves.map(({ seconds }) => last(seconds) ?? 0));
  return longest > 3 * 3600 ? ["hours", 3600] : longest > 300 ? ["minutes", 60] : ["seconds", 1];
}

export function along(curve, axis, size) {
  return axis === "time" ? curve.seconds.map((seconds) => seconds / size) : curve.steps;
}
