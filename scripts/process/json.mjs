/**
 * `JSON.parse` with the result type `unknown`.
 *
 * @param {string} text
 * @returns {unknown}
 */
export function parseJson(text) {
  return JSON.parse(text);
}
