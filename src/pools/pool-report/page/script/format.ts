/** Numbers, as the rest of the page has them. */
export const FORMAT = String.raw`
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
function duration(ms) {
  if (ms < 9950) return (ms / 1000).toFixed(1) + "s";
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return seconds + "s";
  const [small, big, units] = seconds < 3600 ? [seconds % 60, Math.floor(seconds / 60), "ms"] : [Math.floor((seconds % 3600) / 60), Math.floor(seconds / 3600), "hm"];
  return whole.format(big) + units[0] + " " + String(small).padStart(2, "0") + units[1];
}
function tick(seconds) {
  return seconds === 0 ? "0" : duration(seconds * 1000).replace(/\.0(?=s)| 00.$/, "");
}
function money(amount) {
  if (amount === 0) return "0";
  return amount >= 0.1 ? amount.toFixed(2) : amount.toFixed(Math.min(8, 1 - Math.floor(Math.log10(amount))));
}
`;
