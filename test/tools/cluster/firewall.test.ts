import { emptyTables, tablesOf, withoutClusterRules } from '../../../tools/cluster/firewall';

const SAVED = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-0123456789abcdef - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -s 10.244.0.2/32 -m comment --comment "name: \\"bouture\\" id: \\"x\\"" -j CNI-0123456789abcdef
-A CNI-0123456789abcdef -d 10.244.0.0/24 -j ACCEPT
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -j KUBE-SVC-A
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:office - [0:0]
-A INPUT -i bouture-pods -m conntrack --ctstate NEW -m comment --comment bouture -j NFQUEUE --queue-num 100
-A INPUT -p tcp --dport 22 -m comment --comment "bouture team's ssh" -j ACCEPT
-A FORWARD -j office
-A office -s 192.0.2.0/24 -j DROP
COMMIT
`;

describe('taking the cluster out of the firewall', () => {
  test('keeps what others put there, and only that', () => {
    expect(withoutClusterRules(SAVED)).toBe(`*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:office - [0:0]
-A INPUT -p tcp --dport 22 -m comment --comment "bouture team's ssh" -j ACCEPT
-A FORWARD -j office
-A office -s 192.0.2.0/24 -j DROP
COMMIT
`);
  });

  test('finds the tables that nobody needs any more', () => {
    expect(tablesOf(SAVED)).toEqual(['nat', 'filter']);
    expect(emptyTables(withoutClusterRules(SAVED))).toEqual(['nat']);
  });

  test('a table that drops by default is not empty', () => {
    expect(emptyTables('*filter\n:INPUT DROP [0:0]\nCOMMIT\n')).toEqual([]);
  });
});
