import type { z } from 'zod';
import { judgeLabel } from './names';
import { scalar, type Verdict } from './scalar';

/** The parts of an image reference. */
interface Parts {
  /** Registry host; undefined when the reference names none and Docker Hub is meant. */
  readonly registry: string | undefined;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

function partsOf(text: string): Parts {
  const [named = '', ...digests] = text.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const repository = hasTag ? named.slice(0, colon) : named;
  const [first = '', ...rest] = repository.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return {
    registry: isHost ? first : undefined,
    path: isHost ? rest.join('/') : repository,
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest: digests.length === 0 ? undefined : digests.join('@'),
  };
}

/** Whether a reference names its exact content. */
export function hasDigest(reference: string): boolean {
  return partsOf(reference).digest !== undefined;
}

function judgeImage(text: string): Verdict | undefined {
  if (text === '') return { message: 'the image is empty' };
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0];
  if (scheme !== undefined)
    return { message: `an image has no scheme (${scheme})`, suggestion: meant(text.slice(scheme.length)) };
  const { registry, path, tag, digest } = partsOf(text);
  const gone = judgeGone(registry, path);
  if (gone !== undefined) return gone;
  if (/[A-Z]/.test(path) || /[A-Z]/.test(registry ?? '')) {
    return { message: 'a repository is written in lower case', suggestion: meant(lowered(text)) };
  }
  if (!isRepository(registry, path)) return { message: 'no image reference' };
  if (tag === undefined) return { message: 'the image has no tag: what it is would change by itself' };
  if (tag === 'latest') return { message: 'the tag latest changes by itself: name a version' };
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) return { message: 'no tag can be written like this' };
  return digest === undefined ? undefined : judgeDigest(digest);
}

/** What is wrong with a digest. */
export function judgeDigest(digest: string): Verdict | undefined {
  const algorithm = /^([a-z0-9]+):/.exec(digest)?.[1];
  if (algorithm !== 'sha256')
    return { message: `a digest begins with sha256:${algorithm === undefined ? '' : `, this one with ${algorithm}:`}` };
  const hex = digest.slice('sha256:'.length);
  if (hex.length !== 64) return { message: `a sha256 digest has 64 hexadecimal digits, this one ${hex.length}` };
  return /^[a-f0-9]{64}$/.test(hex)
    ? undefined
    : { message: 'a sha256 digest has 64 hexadecimal digits in lower case' };
}

/** Publishers that took their images away: what names them can no longer be pulled, or is no longer mended. */
function judgeGone(registry: string | undefined, path: string): Verdict | undefined {
  const hub =
    registry === undefined ||
    registry === 'docker.io' ||
    registry === 'index.docker.io' ||
    registry === 'registry-1.docker.io';
  if (hub && /^bitnami(legacy|secure)?\//i.test(path)) {
    return { message: 'the images of Bitnami are gone from Docker Hub since 2025, or no longer mended' };
  }
  if (hub && /^minio\//i.test(path)) {
    return {
      message: 'the images of MinIO are gone from Docker Hub since 2026: build images/minio and name your registry',
    };
  }
  return undefined;
}

function isRepository(registry: string | undefined, path: string): boolean {
  return (registry === undefined || isRegistry(registry)) && path.length <= 255 && path.split('/').every(isPathPart);
}

function isRegistry(text: string): boolean {
  const match = /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  if (match?.[1] === undefined) return false;
  const portNumber = match[2] === undefined ? 443 : Number(match[2]);
  return match[1].split('.').every((part) => judgeLabel(part) === undefined) && portNumber >= 1 && portNumber <= 65535;
}

function isPathPart(text: string): boolean {
  return /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(text);
}

function lowered(text: string): string {
  const end = text.search(/(:[^/:]*)?(@.*)?$/);
  return `${text.slice(0, end).toLowerCase()}${text.slice(end)}`;
}

function meant(text: string): string | undefined {
  return judgeImage(text) === undefined ? text : undefined;
}

/** A full image reference: `registry.example.org/minio:RELEASE.2026-02-12T20-18-48Z@sha256:...`. */
export function imageReference(): z.ZodString {
  return scalar('an image such as registry.example.org/team/name:1.2.3, with @sha256:... for production', judgeImage);
}

/** A registry host, with an optional path: `registry.example.org/mirror`, `localhost:5000`. */
export function registry(): z.ZodString {
  return scalar(
    'a registry such as registry.example.org/mirror or localhost:5000',
    (text) => {
      if (text === '')
        return { message: 'the registry is empty: leave the key out to pull from where images are published' };
      const scheme = /^[a-z]+:\/\//.exec(text)?.[0];
      const bare = text.slice(scheme?.length ?? 0).replace(/\/+$/, '');
      const suggestion = bare !== text && isMirror(bare) ? bare : undefined;
      if (scheme !== undefined) return { message: `a registry has no scheme (${scheme})`, suggestion };
      if (text.endsWith('/')) return { message: 'a registry has no trailing slash', suggestion };
      if (/[A-Z]/.test(text)) return { message: 'a registry is written in lower case', suggestion: text.toLowerCase() };
      if (text.includes('@')) return { message: 'a registry has no user name in it: credentials stand in a Secret' };
      if (isMirror(text)) return undefined;
      const [first = ''] = text.split('/');
      if (isPathPart(first) && !first.includes('.'))
        return {
          message: `"${first}" alone would be an account on Docker Hub: a registry has a dot or a port in its host`,
        };
      return { message: 'no registry can be written like this' };
    },
    { examples: ['registry.example.org/mirror', 'localhost:5000'] },
  );
}

function isMirror(text: string): boolean {
  const [first = '', ...path] = text.split('/');
  return (
    (/[.:]/.test(first) || first === 'localhost') &&
    isRegistry(first) &&
    path.every(isPathPart) &&
    path.join('/').length <= 128
  );
}
