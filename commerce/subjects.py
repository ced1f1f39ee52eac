"""Who is screened when an order is placed: the customer, its contacts, and the partners who sell to it."""

from collections.abc import Sequence

from commerce.customers import Contact, Customer
from commerce.parties import Address, Identifier, IdentifierKind, PartyKind, Role, Subject
from commerce.partners import Partner, PartnerKind

_ROLES = {PartnerKind.DISTRIBUTOR: Role.DISTRIBUTOR, PartnerKind.RESELLER: Role.RESELLER}


def subjects_of(
    customer: Customer, contacts: Sequence[Contact], partners: Sequence[Partner]
) -> list[Subject]:
    """Every party on record, as it is screened; the partners are those who sell, and their distributor."""
    return [_customer(customer), *map(_contact, contacts), *map(_partner, partners)]


def partners_as_subjects(partners: Sequence[Partner]) -> list[Subject]:
    """Partners by themselves, as they are screened."""
    return [*map(_partner, partners)]


def _customer(customer: Customer) -> Subject:
    tax_id = customer.tax_id
    return Subject(
        kind=PartyKind.ORGANISATION,
        role=Role.CUSTOMER,
        name=customer.legal_name,
        country=customer.country,
        address=Address(
            customer.street, customer.city, customer.region, customer.postal_code, customer.country
        ),
        identifiers=(Identifier(IdentifierKind.TAX, tax_id, customer.country),) if tax_id else (),
        reference=customer.id,
    )


def _contact(contact: Contact) -> Subject:
    return Subject(
        kind=PartyKind.PERSON,
        role=Role.CONTACT,
        name=contact.name,
        identifiers=(Identifier(IdentifierKind.EMAIL, contact.email),),
        reference=contact.id,
    )


def _partner(partner: Partner) -> Subject:
    return Subject(
        kind=PartyKind.ORGANISATION,
        role=_ROLES.get(partner.kind, Role.PARTNER),
        name=partner.name,
        country=partner.country,
        reference=partner.id,
    )
