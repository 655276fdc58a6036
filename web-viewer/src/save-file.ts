/** Has the browser save what is at an address; without a name, under the one that the server gives. */
export function saveFile(address: string, name = ''): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
