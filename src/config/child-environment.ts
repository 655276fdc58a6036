/** Variables that a stream's process may need: to find programs, folders, fonts, drivers and the user's models. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|APPDATA|LOCALAPPDATA|USERPROFILE|DISPLAY|NUMBER_OF_PROCESSORS|AFTERGLOW_MODELS|AFTERGLOW_DEBUG|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/i;
const NEEDED_FAMILIES = /^(LC_|XDG_|LD_LIBRARY_|DYLD_|VK_|CUDA_|NVIDIA_|LIBVA_|MESA_|ORT_|OMP_|MALLOC_)/i;

/**
 * The environment of a stream's process: what it needs and nothing else, so that tokens and other cameras' passwords are
 * not in the process that reads what comes from the network.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => NEEDED.test(name) || NEEDED_FAMILIES.test(name)),
  );
}
