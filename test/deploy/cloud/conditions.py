"""Conditions of a template as CloudFormation has them, where moto does not."""

from moto.cloudformation import parsing


def without_nothing(clean):
    """Wraps the reading of values: AWS::NoValue is no item of a list."""

    def cleaned(value, resources_map):
        read = clean(value, resources_map)
        return [item for item in read if item is not None] if isinstance(read, list) else read

    return cleaned


def if_there(update):
    """Wraps the update of a resource: one whose condition is false is not there."""

    def updated(logical_id, resource_json, resources_map, account_id, region_name):
        condition = resource_json.get("Condition")
        if condition and not resources_map.lazy_condition_map[condition]:
            return None
        return update(logical_id, resource_json, resources_map, account_id, region_name)

    return updated


def install():
    """Has moto read templates so."""
    parsing.clean_json = without_nothing(parsing.clean_json)
    parsing.parse_and_update_resource = if_there(parsing.parse_and_update_resource)
