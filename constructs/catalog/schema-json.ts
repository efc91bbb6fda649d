import { type CatalogLanguage, inLanguage } from './localized';
import type { JsonValue, SchemaDefinition } from './schema-definition';

/**
 * A schema as `values.schema.json` has it. Helm checks values with it, Onyxia makes its form of it. A group knows all of its values and
 * each must be there, unless the office may replace its form: then the office may add some.
 *
 * @param isPartOfReplaceable a group around it is one that the office may replace
 */
export function jsonSchema(
  definition: SchemaDefinition,
  language: CatalogLanguage,
  isPartOfReplaceable = false,
): Readonly<Record<string, JsonValue>> {
  const {
    type,
    title,
    description,
    enum: choices,
    pattern,
    minimum,
    render,
    slider,
    items,
    minItems,
    maxItems,
  } = definition;
  const { properties, values, hiddenIf, onyxia } = definition;
  const isReplaceable = isPartOfReplaceable || onyxia?.overwriteSchemaWith !== undefined;
  return {
    type,
    ...(title === undefined ? {} : { title: inLanguage(title, language) }),
    ...(description === undefined ? {} : { description: inLanguage(description, language) }),
    ...(definition.default === undefined ? {} : { default: definition.default }),
    ...(choices === undefined ? {} : { enum: choices }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(render === undefined ? {} : { render }),
    ...(slider === undefined ? {} : sliderKeywords(slider)),
    ...(items === undefined ? {} : { items: jsonSchema(items, language, isReplaceable) }),
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, jsonSchema(property, language, isReplaceable)]),
          ),
          ...(isReplaceable ? {} : { required: Object.keys(properties), additionalProperties: false }),
        }),
    ...(values === undefined ? {} : { additionalProperties: jsonSchema(values, language, isReplaceable) }),
    ...(hiddenIf === undefined ? {} : { hidden: { value: hiddenIf.is, path: hiddenIf.sibling, isPathRelative: true } }),
    ...(onyxia === undefined ? {} : { 'x-onyxia': { ...onyxia } }),
  };
}

function sliderKeywords({
  min,
  max,
  step,
  unit,
  end,
}: NonNullable<SchemaDefinition['slider']>): Record<string, JsonValue> {
  return {
    sliderMin: min,
    sliderMax: max,
    sliderStep: step,
    sliderUnit: unit,
    // Sliders are Onyxia's own; this is what Helm can check.
    pattern: `^[0-9]+([.][0-9]+)?${unit}$`,
    ...(end === undefined
      ? {}
      : {
          sliderExtremity: end.extremity,
          sliderExtremitySemantic: end.semantic,
          sliderRangeId: end.range,
        }),
  };
}
