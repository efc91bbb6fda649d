"""Words and phrases that say nothing about an activity, as they stand after transliteration, in lower case, without punctuation."""

from __future__ import annotations


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


_SEE = ("voir", "cf", "confer", "se reporter a", "se referer a")
_WHERE = _lines(
    """
    ci dessus
    ci dessous
    ci apres
    ci avant
    ci joint
    ci contre
    plus haut
    plus bas
    annexe
    en annexe
    intercalaire
    feuille intercalaire
    suite
    au verso
    statuts
    les statuts
    nos statuts
    kbis
    extrait kbis
    objet social
    l objet social
    courrier
    courrier joint
    piece jointe
    document joint
    dossier
    liasse
    declaration precedente
    activite principale
    observations
    """
)

_PHRASES = _lines(
    """
    ci dessus
    ci dessous
    ci apres
    ci avant
    ci joint
    ci jointe
    comme ci dessus
    comme precedemment
    comme avant
    voir plus haut
    sans changement
    sans modification
    sans autre precision
    sans precision
    sans objet
    sans autre activite
    aucun changement
    aucune modification
    aucune precision
    aucune autre activite
    pas de changement
    pas de modification
    pas de precision
    pas d activite secondaire
    pas d autre activite
    pas d autres activites
    pas encore definie
    pas encore connue
    reste inchange
    reste inchangee
    restent inchangees
    demeure inchange
    demeure inchangee
    activite inchangee
    activite identique
    activites identiques
    activites inchangees
    meme activite
    memes activites
    la meme activite
    la meme
    le meme
    identique a l activite principale
    identique au siege
    identique a l etablissement principal
    identique
    inchange
    inchangee
    inchangees
    idem
    idem ci dessus
    idem activite principale
    idem siege
    idem siege social
    idem principal
    idem que precedemment
    idem que ci dessus
    ibidem
    dito
    neant
    rien a signaler
    rien d autre
    non precise
    non precisee
    non precisees
    non renseigne
    non renseignee
    non renseignees
    non communique
    non communiquee
    non indique
    non indiquee
    non defini
    non definie
    non determine
    non determinee
    non connu
    non connue
    non declare
    non declaree
    non concerne
    non applicable
    non reglementee
    inconnu
    inconnue
    a preciser
    a preciser ulterieurement
    a definir
    a definir ulterieurement
    a determiner
    a completer
    a renseigner
    a venir
    en attente
    en cours
    en cours de creation
    en cours de definition
    en cours d immatriculation
    en cours de constitution
    en formation
    en projet
    siege social
    siege de l entreprise
    adresse du siege
    extrait kbis
    extrait k bis
    k bis
    kbis
    copie kbis
    objet social
    l objet social
    objet de la societe
    objet de l association
    la societe a pour objet
    a pour objet
    ayant pour objet
    l association a pour objet
    l association a pour but
    a pour but
    pour objet
    activite principale
    activites principales
    activite principale exercee
    activite principale de l entreprise
    activite principale de l etablissement
    activite secondaire
    activites secondaires
    activite la plus importante
    activite exercee
    activites exercees
    activite exercee a titre principal
    activite declaree
    activite demandee
    activite envisagee
    activite prevue
    activite actuelle
    activite nouvelle
    nouvelle activite
    activite de l entreprise
    activite de la societe
    activite de l etablissement
    activite du siege
    nature de l activite
    description de l activite
    descriptif de l activite
    intitule de l activite
    libelle de l activite
    precision de l activite
    precisions sur l activite
    domaine d activite
    secteur d activite
    type d activite
    autre activite
    a titre principal
    a titre accessoire
    a titre secondaire
    a titre individuel
    a titre habituel
    a titre exclusif
    a titre liberal
    a titre onereux
    a titre gratuit
    ajout d activite
    adjonction d activite
    changement d activite
    extension d activite
    modification d activite
    modification de l activite
    reprise d activite
    cessation d activite
    suppression d activite
    debut d activite
    date de debut
    creation d entreprise
    creation de l entreprise
    creation d un etablissement
    creation d etablissement
    ouverture d un etablissement
    ouverture d etablissement
    fermeture d etablissement
    transfert de siege
    transfert du siege
    transfert d activite
    transfert d etablissement
    changement d adresse
    changement de siege
    etablissement principal
    etablissement secondaire
    etablissement siege
    premier etablissement
    code ape
    code naf
    code nace
    code activite
    numero siret
    numero siren
    auto entrepreneur
    autoentrepreneur
    auto entreprise
    micro entrepreneur
    micro entreprise
    entreprise individuelle
    regime micro
    profession liberale
    travailleur independant
    par tous moyens
    par tous les moyens
    directement ou indirectement
    directement et indirectement
    pour son compte
    pour son propre compte
    pour le compte de tiers
    pour compte de tiers
    en france et a l etranger
    en france ou a l etranger
    tant en france qu a l etranger
    dans tous les pays
    en tous lieux
    et tout ce qui s y rapporte
    tout ce qui s y rapporte
    et toutes operations s y rapportant
    et toutes activites connexes
    toutes activites connexes
    toutes operations connexes
    activites connexes et complementaires
    et activites connexes
    toutes operations financieres s y rattachant
    se rattachant directement ou indirectement
    se rapportant directement ou indirectement
    s y rapportant
    s y rattachant
    et plus generalement
    plus generalement
    et d une maniere generale
    d une maniere generale
    de maniere generale
    notamment mais pas exclusivement
    sans que cette liste soit exhaustive
    liste non exhaustive
    non exhaustif
    entre autres
    et autres
    et divers
    etc
    et cetera
    et caetera
    et ainsi de suite
    a compter du
    a partir du
    depuis le
    au cours de l annee
    toute l annee
    """
)

PHRASES: list[str] = sorted({*_PHRASES, *(f"{see} {where}" for see in _SEE for where in _WHERE)})
"""What people write in place of an activity, or around one."""

NOISE: list[str] = sorted(
    set(
        """
        adresse ainsi alinea annexe ape art article autoent bis cadre case cerfa cf cfe code codes complement
        completement concernant confer dcd declaration declare denomination dito dont egalement enseigne entreprise
        essentiellement etc euro eur eurl exclusivement exemple formulaire gerance gerant gerante greffe guichet
        habituellement ibid ibidem idem immatriculation indivision infogreffe inpi insee insc inscription
        intitule item kbis libelle liasse ligne lot mention mme mlle monsieur madame micro mo mr mrs naf nace nb nc
        ndeg ndegs nd neant nee nom notamment notes np nr ns num numero numeros obs observation observations page pages
        particulierement personne phrase plusieurs precedemment precision precisions principal principale principalement
        prenom pseudo ras rcs rdc rectificatif ref reference registre remarque rm rne rubrique sa sarl sas sasu sci
        secondaire secondairement selon siege siren siret snc societe ssa statuts suite suivant suivante suivants
        susdit susmentionne susvise tel tels telle telles telephone titre tva uniquement urssaf verso voir xx xxx xxxx
        xxxxx
        """.split()
    )
)
"""Words of forms and registers."""

STOP_WORDS: list[str] = sorted(
    set(
        """
        afin ai aient ainsi ait alors apres as au aucun aucune aura auraient aurait auront aussi autre autres aux avaient
        avait avant avec avez avoir avons ayant ca car ce ceci cela celle celles celui ces cet cette ceux chacun chacune
        chaque chez ci comme comment dans de depuis des desdits dit dite dites dits donc dont du dudit elle elles en encore
        entre est et etaient etait etant ete etes etre eu eue eues eurent eus eut fait fera feront font furent fut grace
        ici il ils je jusqu jusque la ladite le ledit les lesdites lesdits lesquelles lesquels lequel laquelle leur leurs
        lors lorsqu lorsque lui ma mais me meme memes mes mon ne ni nos notre nous on ont or ou par parmi pendant peu peut
        peuvent plus pour pourra pourront pourvu puis qu quand que quel quelle quelles quelque quelques quels qui quoi sa
        se sera seraient serait seront ses si soi soient soit sommes son sont sous suis sur ta te tes toi ton tout toute
        toutes tous tres tu un une unes uns va vers via voici voila vont vos votre vous vu
        """.split()
    )
)
"""French words without a meaning of their own. `non`, `sans`, `hors` and `sauf` stay: nomenclatures tell classes apart by them."""
