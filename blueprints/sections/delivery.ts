import { z } from 'zod';
import { isRevision } from '../../constructs/delivery/revision';
import { isCommitAuthor } from '../../constructs/mlops/commit-author';
import { secretReference } from '../config/secret-references';
import { scalar, wholeNumber } from '../config/scalar';
import { foreignServer } from './foreign-server';

const repositoryUrl = () =>
  scalar('an address such as https://git.example.org/office/configuration.git', (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:') return { message: 'no address of a repository that begins with https://' };
    if (text.includes('@'))
      return { message: 'an address holds no user name and no password: the token stands in a Secret' };
    return url.pathname.length < 2 || url.search !== '' || url.hash !== ''
      ? { message: 'no address of a repository' }
      : undefined;
  });

const path = (what: string) =>
  scalar(what, (text) =>
    /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/.test(text) && !text.includes('..')
      ? undefined
      : { message: 'no path below the root of a repository' },
  );

const repository = z
  .strictObject({
    url: repositoryUrl().describe('Address of the repository.'),
    branch: scalar('a branch such as main', (text) => (isRevision(text) ? undefined : { message: 'no branch' }))
      .default('main')
      .describe('What is merged here runs.'),
    charts: path('a folder such as charts-out/office')
      .exactOptional()
      .describe(
        'Folder of the repository that holds what this configuration renders to. Default: charts-out/ and its name.',
      ),
    token: secretReference('its token').describe(
      'Where a token that may read stands, in the namespace of Argo CD; for promotions one that may push, in the namespace of workflows.',
    ),
    ...foreignServer(8443),
  })
  .describe('The repository of Git that holds this configuration and what it renders to.');

/** `delivery`: Argo CD, which keeps what runs as it stands in a repository. */
export const delivery = z
  .strictObject({
    repository,
    pollSeconds: wholeNumber('a number of seconds', 10, 86_400)
      .default(120)
      .describe('Seconds between two looks at the repository: what a promotion waits at most.'),
    promotion: z
      .strictObject({
        file: path('a path such as config.yaml')
          .default('config.yaml')
          .describe('This file, as it is named in the repository.'),
        author: scalar('an author such as "Coding <coding@example.org>"', (text) =>
          isCommitAuthor(text) ? undefined : { message: 'no author of a commit' },
        )
          .exactOptional()
          .describe('Who the commits are of. Default: bouture <bouture@localhost>.'),
        minimumGain: z
          .number()
          .min(0)
          .max(1)
          .default(0)
          .describe('By how much the challenger must be better on the gold set.'),
        shadowDays: wholeNumber('a number of days', 1, 3650)
          .default(14)
          .describe('Days whose records both versions are compared on.'),
        shadowRows: wholeNumber('a number of records', 1, 1_000_000_000)
          .default(1000)
          .describe('Records that both must have coded.'),
        shadowAnnotated: wholeNumber('a number of forms', 0, 1_000_000)
          .default(0)
          .describe('Forms among them that people must have coded.'),
      })
      .exactOptional()
      .describe(
        'Workflows that bring a version of the model to production by a commit and take it back by a revert. Needs coding.serves.version, which ' +
          'the commit changes. Left out, people change it.',
      ),
  })
  .describe(
    'Argo CD, which keeps the workloads of the case as they stand in a repository, and alone deploys them. Left out, up deploys everything.',
  );
