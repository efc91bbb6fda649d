import { isRevision } from '../delivery';
import { Platform, type SecretRef, type ServerPlace } from '../platform';
import type { CertificateAuthority } from '../storage';
import type { WorkflowTemplate } from './workflow';
import { isCommitAuthor } from './commit-author';

/** A repository of Git that holds a configuration, as who commits to it needs to know it. */
export interface ConfigurationRepository extends ServerPlace {
  /** `https://git.example.org/office/configuration.git`: commits go over HTTPS alone. */
  readonly url: string;
  /** @default 'main' */
  readonly branch?: string;
  /** A token that may push, in the namespace of workflows. */
  readonly token: { readonly secretName: string; readonly key: string };
  /** Who the commits are of, as `Name <address>`. @default 'bouture <bouture@localhost>' */
  readonly author?: string;
  /** Who signed the certificate of its host. @default - an authority that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
}

/**
 * Opens the way from a workflow to a repository.
 *
 * @returns its part of the settings file, the token, and the authority where one is given
 * @throws Error when the address, the branch or the author is none
 */
export function configurationRepository(
  workflow: WorkflowTemplate,
  repository: ConfigurationRepository,
): { readonly settings: object; readonly token: SecretRef; readonly authority: SecretRef | undefined } {
  const { branch = 'main', author = 'bouture <bouture@localhost>', token, certificateAuthority } = repository;
  const url = checkedUrl(repository.url);
  if (!isRevision(branch)) {
    throw new Error(`branch "${branch}" of ${url.href} is none: expected a name such as "main"`);
  }
  if (!isCommitAuthor(author)) {
    throw new Error(`author "${author}" of commits is none: expected "Name <address@example.org>"`);
  }
  workflow.connections.allowToServer(repository, url.port === '' ? 443 : Number(url.port));
  const { namespace } = workflow.connections;
  const ref = { namespace: namespace.name, name: token.secretName, key: token.key };
  Platform.of(workflow).expectSecret({ ...ref, keys: [ref.key], purpose: `token that may push to ${url.href}` });
  return {
    settings: { url: url.href, branch, author },
    token: ref,
    authority: certificateAuthority?.refIn(workflow, namespace, `${workflow.consumerName}-git-ca`),
  };
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url?.protocol !== 'https:' ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    const shown = text.replace(/\/\/[^/]*@/, '//***@');
    throw new Error(
      `address of the repository "${shown}" is none that commits can go to: expected "https://git.example.org/office/configuration.git"`,
    );
  }
  return url;
}
