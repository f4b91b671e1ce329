/**
 * `JSON.parse` whose result says that nobody has looked at it yet.
 *
 * @param {string} text
 * @returns {unknown}
 */
export function parseJson(text) {
  return JSON.parse(text);
}
