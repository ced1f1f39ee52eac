"""Portico's records as the fields of Salesforce's objects; parents are named by external id."""

from commerce.crm import (
    STAGES,
    AccountUpsert,
    CaseUpsert,
    ContactUpsert,
    LineItem,
    OpportunityUpsert,
    ProductUpsert,
    Referral,
)
from datasources.salesforce.client import Row

LONGEST_NAME = 120  # characters of an opportunity's name
LONGEST_LAST_NAME = 80
LINE_ITEM_FIXED = frozenset({"Opportunity", "Product2"})
PRICE_BOOK_ENTRY_FIXED = frozenset({"Pricebook2Id", "Product2", "CurrencyIsoCode"})


def account(record: AccountUpsert) -> Row:
    return {
        "Portico_Id__c": record.customer_id,
        "Name": record.name,
        "Website": record.website,
        "BillingStreet": record.street,
        "BillingCity": record.city,
        "BillingPostalCode": record.postal_code,
        "BillingCountry": record.country,
        **_referral(record.referral),
    }


def contact(record: ContactUpsert) -> Row:
    first, _, last = record.name.strip().rpartition(" ")
    return {
        "Portico_Id__c": record.contact_id,
        "Account": {"Portico_Id__c": record.customer_id},
        "FirstName": first[:40] or None,
        "LastName": last[:LONGEST_LAST_NAME],
        "Email": record.email,
        "Portico_License_Contact__c": record.receives_licenses,
    }


def product(record: ProductUpsert) -> Row:
    return {
        "Portico_Id__c": record.sku_id,
        "Name": record.name,
        "ProductCode": record.code,
        "IsActive": record.is_active,
    }


def price_book_entry(record: ProductUpsert, price_book: str) -> Row:
    return {
        "Portico_Id__c": f"{record.sku_id}:{record.price.currency}",
        "Pricebook2Id": price_book,
        "Product2": {"Portico_Id__c": record.sku_id},
        "CurrencyIsoCode": record.price.currency,
        "UnitPrice": float(record.price.amount),
        "IsActive": record.is_active,
    }


def opportunity(record: OpportunityUpsert) -> Row:
    return {
        "Portico_Id__c": record.order_id,
        "Account": {"Portico_Id__c": record.customer_id},
        "Name": record.name[:LONGEST_NAME],
        "StageName": STAGES[record.status],
        "CloseDate": record.closes_on.isoformat(),
        "Amount": float(record.amount.amount),
        "CurrencyIsoCode": record.amount.currency,
        "Portico_Order_Status__c": record.status.value,
        "Portico_Order_Kind__c": record.kind.value,
        "Portico_Purchase_Order__c": record.purchase_order,
        **_referral(record.referral),
    }


def line_item(record: OpportunityUpsert, line: LineItem) -> Row:
    return {
        "Portico_Id__c": line.line_id,
        "Opportunity": {"Portico_Id__c": record.order_id},
        "Product2": {"Portico_Id__c": line.sku_id},
        "Quantity": line.quantity,
        "UnitPrice": float(line.unit_price),
        "Portico_Starts_On__c": line.starts_on and line.starts_on.isoformat(),
        "Portico_Ends_On__c": line.ends_on and line.ends_on.isoformat(),
    }


def case(record: CaseUpsert) -> Row:
    return {
        "Portico_Id__c": record.case_id,
        "Account": {"Portico_Id__c": record.customer_id},
        "Subject": record.subject,
        "Status": record.status,
        "Priority": "High" if record.is_urgent else "Medium",
        "Origin": "Portico",
        "Portico_Category__c": "Compliance",
        "Portico_Order_Id__c": record.order_id,
        "Portico_Partner_Sourced__c": record.referral is not None,
    }


def _referral(referral: Referral | None) -> Row:
    return {
        "Portico_Partner_Sourced__c": referral is not None,
        "Portico_Partner_Name__c": referral and referral.partner_name,
        "Portico_Partner_Reference__c": referral and referral.reference,
    }
