/** The URL of the api's own folder: the same from `src` and from `dist`. */
export const APP_FOLDER = new URL("..", import.meta.url);
