/** A nomenclature of activities: NAF rev. 2, NACE rev. 2, NACE rev. 2.1. */
export type Nomenclature = 'naf2' | 'nace2' | 'nace21';
