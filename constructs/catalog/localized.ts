/** Languages that texts of the catalog may have beside English. Onyxia shows a chart in one language, so a catalog is built in one. */
export type CatalogLanguage = 'en' | 'fr' | 'de' | 'es' | 'it' | 'nl' | 'no' | 'fi' | 'zh-CN';

/** A text in English alone, or in several languages, of which English is one. */
export type Localized = string | ({ readonly en: string } & { readonly [L in CatalogLanguage]?: string });

/** The text in a language; where it lacks that one, in English. */
export function inLanguage(text: Localized, language: CatalogLanguage): string {
  return typeof text === 'string' ? text : (text[language] ?? text.en);
}
