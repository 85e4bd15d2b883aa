(define (problem blocks-5-evaluate-32-2)
(:domain blocksworld-4ops)
(:objects a b c d e)
(:init
(handempty)
(on a d)
(ontable b)
(on c e)
(on d c)
(ontable e)
(clear a)
(clear b)
)
(:goal
(and
(on b e)
(on d c)
(on e d)
)))
