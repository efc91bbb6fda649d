/** A nomenclature of activities: NAF rev. 2, NACE rev. 2, NACE rev. 2.1. */
export type Nomenclature = 'naf2' | 'nace2' | 'nace21';

/** A nomenclature that others were revised into: NACE rev. 2.1, which takes the place of NACE rev. 2 and of the NAF rev. 2 that refines it. */
export type RevisedNomenclature = 'nace21';
