// How a caller calls a container and its fields: messages name what the caller has written.
export type FieldNames = (field?: string) => string;

export function fieldsOf(container: string): FieldNames {
  return (field) => (field === undefined ? container : `${container}.${field}`);
}
