/** Save a file through the browser's downloads. */
export function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // By then the browser has read it.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 10_000);
}
