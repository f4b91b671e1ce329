/** The URL of the api's own folder. Resolved here, one folder deep, because the build puts all code into `dist/main.js`. */
export const APP_FOLDER = new URL("..", import.meta.url);
