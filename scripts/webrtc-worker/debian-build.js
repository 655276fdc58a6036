// Builds mediasoup's worker from the npm package's own sources against the system's libraries, without the network.
// mediasoup's own build downloads each library from GitHub by Meson "wraps"; here a small project stands in for each.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

const command = (name) => () => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
const library = (name) => () => spawnSync('pkg-config', ['--exists', name], { stdio: 'ignore' }).status === 0;

/** What the build needs: Debian's packages, and how each shows that it is there (on any system). */
const NEEDS = [
  { packages: ['g++'], found: command('c++') },
  { packages: ['pkg-config'], found: command('pkg-config') },
  { packages: ['meson'], found: command('meson') },
  { packages: ['ninja-build'], found: command('ninja') },
  { packages: ['flatbuffers-compiler'], found: command('flatc') },
  { packages: ['libflatbuffers-dev'], found: library('flatbuffers') },
  { packages: ['libuv1-dev'], found: library('libuv') },
  { packages: ['libssl-dev'], found: library('openssl') },
  { packages: ['libsrtp2-dev'], found: library('libsrtp2') },
  { packages: ['libusrsctp-dev'], found: library('usrsctp') },
  { packages: ['libabsl-dev'], found: library('absl_flat_hash_map') },
];

/** Debian's packages that are not there. */
export function missingPackages() {
  return NEEDS.filter(({ found }) => !found()).flatMap(({ packages }) => packages);
}

/** For each library that mediasoup would download, a project that names the system's. */
const STAND_INS = {
  openssl: {
    language: 'c',
    lines: ["openssl_dep = dependency('openssl')", 'libcrypto_lib = []', 'libssl_lib = []'],
  },
  libuv: {
    language: 'c',
    options: ["option('build_tests', type: 'boolean')", "option('build_benchmarks', type: 'boolean')"],
    lines: ["libuv_dep = dependency('libuv')", 'libuv = []'],
  },
  libsrtp2: {
    language: 'c',
    options: ['crypto-library', 'crypto-library-kdf', 'tests'].map((name) => `option('${name}', type: 'string')`),
    lines: [
      "libsrtp2_dep = declare_dependency(dependencies: dependency('libsrtp2'), include_directories: include_directories('include'))",
      'libsrtp2 = []',
    ],
  },
  usrsctp: {
    language: 'c',
    options: ["option('sctp_build_programs', type: 'boolean')"],
    lines: ["usrsctp_dep = dependency('usrsctp')", 'usrsctp = []'],
  },
  'abseil-cpp': {
    language: 'cpp',
    lines: [
      "absl_container_dep = [dependency('absl_flat_hash_map'), dependency('absl_flat_hash_set')]",
      "absl_strings_dep = dependency('absl_strings')",
      "absl_types_dep = [dependency('absl_optional'), dependency('absl_variant'), dependency('absl_any')]",
      'absl_container_lib = []',
      'absl_strings_lib = []',
      'absl_types_lib = []',
    ],
  },
  catch2: { language: 'cpp', lines: ['catch2_dep = []', 'catch2_with_main_dep = []'] },
  flatbuffers: { language: 'cpp', lines: ["flatbuffers_dep = dependency('flatbuffers')", 'flatbuffers_lib = []'] },
};

/** libsrtp's next interface, which mediasoup is written for, by the one that distributions have. */
const SRTP_HEADER = `#pragma once
#include <srtp2/srtp.h>
#ifdef __cplusplus
#include <cstddef>
#define AFTERGLOW_SRTP(name)                                                      \\
  static inline srtp_err_status_t name(srtp_t session, void* packet, size_t* size) \\
  {                                                                               \\
    int length = static_cast<int>(*size);                                         \\
    const srtp_err_status_t status = name(session, packet, &length);              \\
    *size = static_cast<size_t>(length);                                          \\
    return status;                                                                \\
  }
AFTERGLOW_SRTP(srtp_protect)
AFTERGLOW_SRTP(srtp_unprotect)
AFTERGLOW_SRTP(srtp_protect_rtcp)
AFTERGLOW_SRTP(srtp_unprotect_rtcp)
static inline srtp_err_status_t srtp_stream_remove(srtp_t session, unsigned int ssrc)
{
  return srtp_remove_stream(session, ssrc);
}
#endif
`;

/** Changes of mediasoup's own files. Each must be found, so that another version is not built half changed. */
const PATCHES = [
  // Debian 12 has Meson 1.0.1, which is enough.
  { file: 'meson.build', from: "meson_version: '>= 1.1.0'", to: "meson_version: '>= 1.0.0'" },
  // A mistake of mediasoup's: OpenSSL asks a BIO's callback about control calls as BIO_CB_CTRL | BIO_CB_RETURN, whose answer
  // must be the call's own result. The comparison with BIO_CB_RETURN alone answers 1 instead. OpenSSL with kernel TLS
  // (Debian's) takes that for "yes" to "does the kernel encrypt?", and the worker segfaults at the first DTLS handshake.
  // mediasoup's own OpenSSL is built without kernel TLS and never asks.
  {
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN)',
    to: '((operationType & BIO_CB_RETURN) != 0)',
  },
  // Most of the time of a build is spent on reading the same headers over and over.
  {
    file: 'meson.build',
    from: "cpp_args: cpp_args + ['-DMS_EXECUTABLE'],\n",
    to: "cpp_args: cpp_args + ['-DMS_EXECUTABLE'],\n  cpp_pch: 'precompiled/worker.hpp',\n",
  },
  {
    file: 'deps/libwebrtc/meson.build',
    from: '  cpp_args: cpp_args,\n)',
    to: "  cpp_args: cpp_args,\n  cpp_pch: 'precompiled/webrtc.hpp',\n)",
  },
];

/** Headers that nearly every source reads, none of which depends on what a source defines before it. */
const PRECOMPILED = ['common.hpp', 'deque', 'limits', 'list', 'map', 'mutex', 'ostream', 'set', 'sstream', 'string', 'string_view', 'unordered_map', 'unordered_set', 'utility', 'vector', 'absl/container/flat_hash_map.h', 'absl/container/flat_hash_set.h', 'absl/memory/memory.h', 'absl/strings/string_view.h', 'absl/types/optional.h', 'absl/types/variant.h', 'flatbuffers/flatbuffers.h', 'openssl/ssl.h', 'uv.h', 'FBS/notification.h', 'FBS/request.h', 'FBS/response.h', 'FBS/transport.h', 'FBS/worker.h']; // prettier-ignore

/** Sources of a second SCTP, which mediasoup uses by an option (ms_sctp_stack) that is off. */
const UNUSED_SOURCES = /^ *'src\/RTC\/SCTP\/.*',\n/gm;

/** Makes a folder of sources that Meson builds with the system's libraries. */
function prepare(sources, folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(sources, folder, { recursive: true });
  for (const { file, from, to } of PATCHES) {
    const name = path.join(folder, file);
    const text = readFileSync(name, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} of this mediasoup is not the one that this builds`);
    writeFileSync(name, text.replace(from, to));
  }
  const build = path.join(folder, 'meson.build');
  writeFileSync(build, readFileSync(build, 'utf8').replace(UNUSED_SOURCES, ''));
  const headers = PRECOMPILED.map((header) => `#include <${header}>\n`).join('');
  for (const file of ['precompiled/worker.hpp', 'deps/libwebrtc/precompiled/webrtc.hpp']) {
    mkdirSync(path.dirname(path.join(folder, file)));
    writeFileSync(path.join(folder, file), headers);
  }
  const projects = path.join(folder, 'subprojects');
  for (const name of readdirSync(projects)) rmSync(path.join(projects, name), { recursive: true });
  for (const [name, { language, options, lines }] of Object.entries(STAND_INS)) {
    const project = path.join(projects, name);
    mkdirSync(project);
    writeFileSync(path.join(project, 'meson.build'), [`project('${name}', '${language}')`, ...lines, ''].join('\n'));
    if (options) writeFileSync(path.join(project, 'meson_options.txt'), [...options, ''].join('\n'));
  }
  const include = path.join(projects, 'libsrtp2', 'include');
  mkdirSync(include);
  writeFileSync(path.join(include, 'srtp.h'), SRTP_HEADER);
}

/** Runs a tool, with its last lines in the error where it fails. onLine: each line that it prints. */
function run(name, args, folder, onLine = () => undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const last = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > 40) last.shift();
        onLine(line);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${name} ended with ${code ?? signal}:\n${last.join('\n')}`));
    });
  });
}

/** Shows ninja's steps: on a terminal in one line, elsewhere one line for each tenth. */
function progress() {
  let tenth = -1;
  return (line) => {
    const found = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (!found) return;
    const [done, all] = [Number(found[1]), Number(found[2])];
    if (process.stdout.isTTY) {
      process.stdout.write(`\r  step ${done} of ${all}${done === all ? '\n' : ' '}`);
      return;
    }
    const now = Math.floor((10 * done) / all);
    if (now === tenth || all < 10) return;
    tenth = now;
    console.log(`  step ${done} of ${all}`);
  };
}

/** Builds the worker. sources: worker/ of the npm package. buildType: Meson's, such as release. */
export async function buildWorker({ sources, folder, target, buildType }) {
  prepare(sources, folder);
  await run('meson', ['setup', 'out', '-Dms_disable_liburing=true', '--buildtype', buildType], folder);
  // Its headers are made by a step that the compiler's steps do not wait for.
  await run('ninja', ['-C', 'out', 'fbs/FBS'], folder);
  await run('ninja', ['-C', 'out', 'mediasoup-worker'], folder, progress());
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(folder, 'out', 'mediasoup-worker'), target);
  chmodSync(target, 0o755);
  rmSync(folder, { recursive: true, force: true });
}
